import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer } from './exchange.ts';

/** What of an OpenAPI document is needed to judge answers by it. */
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

/** What is wrong with an answer of a documented route; nothing, for any other route. */
export type OpenApiJudge = (answer: Answer) => string[];

const judges = new Map<string, OpenApiJudge>();

/** Reads a document as it came over the wire. The same one is read once: compiling takes its time. */
export const openApiJudge = (text: string): OpenApiJudge => {
  const known = judges.get(text) ?? createJudge(JSON.parse(text) as OpenApiDocument);
  judges.set(text, known);
  return known;
};

const createJudge = (document: OpenApiDocument): OpenApiJudge => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', ...document });
  const paths = Object.keys(document.paths).map((path) => ({
    path,
    form: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const checks = new Map<string, ValidateFunction>();
  const checkOf = (pointer: string): ValidateFunction => {
    const check = checks.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` });
    checks.set(pointer, check);
    return check;
  };

  return ({ method, path: sent, status, headers, text }) => {
    const [plain = ''] = sent.split('?');
    const path = paths.find(({ form }) => form.test(plain))?.path;
    const verb = method.toLowerCase();
    const operation = path === undefined ? undefined : document.paths[path]?.[verb];
    if (path === undefined || !operation) return [];
    // A bug of the application's is no answer of ours.
    if (status === 500) return [];
    // What is no UTF-8 a router may refuse by itself.
    if (!isDecodable(plain)) return [];
    const response = operation.responses[status];
    if (!response) return [`the document knows no ${status} here`];
    const problems = Object.keys(response.headers ?? {}).length === 0 ? undocumented(headers) : [];
    const isJson = response.content?.['application/json'] !== undefined;
    if (!isJson) return text === '' ? problems : [...problems, 'the document knows no body here'];
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
    const check = checkOf(
      pointer.map((part) => `/${encodeURIComponent(part.replaceAll('/', '~1'))}`).join(''),
    );
    check(JSON.parse(text));
    return [
      ...problems,
      ...(check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`),
    ];
  };
};

/** Headers that a client acts on. */
const undocumented = (headers: Answer['headers']): string[] =>
  ['www-authenticate', 'retry-after']
    .filter((name) => headers[name] !== undefined)
    .map((name) => `the document knows no ${name} here`);

const isDecodable = (path: string): boolean => {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
};
