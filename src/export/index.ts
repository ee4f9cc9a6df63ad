/** Trained models as files of other tools: ONNX. */
export { exportOnnx, type ExportableModel, type OnnxExport, type OnnxOptions } from './onnx/export-onnx';
export { OPSET, type OnnxPort } from './onnx/proto';
