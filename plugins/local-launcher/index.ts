export { LocalLauncher } from './local';
