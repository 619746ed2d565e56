import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { HttpResponse } from './exchange.ts';

/** The part of an OpenAPI document that is needed to check responses. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}
interface DocumentedOperation {
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}
interface DocumentedResponse {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** Returns what is wrong with the response of a documented route, and nothing for other routes. */
export type OpenApiCheck = (response: HttpResponse) => string[];

const checks = new Map<string, OpenApiCheck>();

/** Returns the check for a document as it was served. Each document is compiled once. */
export const openApiCheck = (text: string): OpenApiCheck => {
  const known = checks.get(text) ?? createCheck(JSON.parse(text) as OpenApiDocument);
  checks.set(text, known);
  return known;
};

const createCheck = (document: OpenApiDocument): OpenApiCheck => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', ...document });
  const paths = Object.keys(document.paths).map((path) => ({
    path,
    form: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (pointer: string): ValidateFunction => {
    const validate = validators.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` });
    validators.set(pointer, validate);
    return validate;
  };

  return ({ method, path: sent, status, headers, text }) => {
    const [plain = ''] = sent.split('?');
    const path = paths.find(({ form }) => form.test(plain))?.path;
    const verb = method.toLowerCase();
    const operation = path === undefined ? undefined : document.paths[path]?.[verb];
    if (path === undefined || !operation) return [];
    // A 500 comes from a bug of the application, not from Pawl.
    if (status === 500) return [];
    // A router may reject a path that is not UTF-8.
    if (!isDecodable(plain)) return [];
    const response = operation.responses[status];
    if (!response) return [`the document does not list status ${status}`];
    const problems = Object.keys(response.headers ?? {}).length === 0 ? undocumented(headers) : [];
    const isJson = response.content?.['application/json'] !== undefined;
    if (!isJson) return text === '' ? problems : [...problems, 'the document does not list a body'];
    const pointer = [
      'paths',
      path,
      verb,
      'responses',
      `${status}`,
      'content',
      'application/json',
      'schema',
    ];
    const validate = validatorOf(
      pointer.map((part) => `/${encodeURIComponent(part.replaceAll('/', '~1'))}`).join(''),
    );
    validate(JSON.parse(text));
    return [
      ...problems,
      ...(validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`),
    ];
  };
};

/** Returns the headers that clients act on and the document does not list. */
const undocumented = (headers: HttpResponse['headers']): string[] =>
  ['www-authenticate', 'retry-after']
    .filter((name) => headers[name] !== undefined)
    .map((name) => `the document does not list the header ${name}`);

const isDecodable = (path: string): boolean => {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
};
