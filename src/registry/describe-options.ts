/** A component's options in words, from its schema: for `osc plugins inspect` and the documentation. */
import { z } from 'zod';

export interface OptionDescription {
  readonly name: string;
  /** E.g. `integer >= 1`, `number`, `"mean" | "sum"`, `number[2]`. */
  readonly type: string;
  /** The option must be given: it has no default. */
  readonly required: boolean;
  /** Absent if required. */
  readonly default?: unknown;
  readonly description: string;
}

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** One entry a key of the schema, in its order. */
export function describeOptions(schema: z.ZodObject): OptionDescription[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const json = typeof property === 'boolean' ? {} : property;
    return {
      name,
      type: typeInWords(json),
      required: required.includes(name),
      ...(json.default === undefined ? {} : { default: json.default }),
      description: json.description ?? '',
    };
  });
}

function typeInWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((choice) => typeInWords(choice as JsonSchema)).join(' | ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return numberInWords(schema);
    case 'array':
      return arrayInWords(schema);
    case 'string':
    case 'boolean':
    case 'null':
    case 'object':
      return schema.type;
    default:
      return 'any';
  }
}

function numberInWords(schema: JsonSchema): string {
  const bounds: string[] = [];
  if (schema.exclusiveMinimum !== undefined) bounds.push(`> ${schema.exclusiveMinimum}`);
  if (schema.minimum !== undefined && schema.minimum > Number.MIN_SAFE_INTEGER) bounds.push(`>= ${schema.minimum}`);
  if (schema.exclusiveMaximum !== undefined) bounds.push(`< ${schema.exclusiveMaximum}`);
  if (schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER) bounds.push(`<= ${schema.maximum}`);
  return [schema.type, bounds.join(', ')].filter((part) => part !== '').join(' ');
}

function arrayInWords(schema: JsonSchema): string {
  if (schema.prefixItems !== undefined) {
    return `[${schema.prefixItems.map((item) => typeInWords(item as JsonSchema)).join(', ')}]`;
  }
  const item = typeof schema.items === 'object' && !Array.isArray(schema.items) ? typeInWords(schema.items) : 'any';
  const length = schema.minItems !== undefined && schema.minItems === schema.maxItems ? String(schema.minItems) : '';
  return `${/[ |]/.test(item) ? `(${item})` : item}[${length}]`;
}
