import type { OpenApiOperation } from '../openapi/operation.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';

/** A route for a binding to mount. */
export interface HttpRoute {
  /** The name for rate limits and the OpenAPI document, in lower case with `_`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The complete path, with `:id` for a parameter. */
  readonly path: string;
  /** Its description in the OpenAPI document. Default: the route is left out. */
  readonly operation?: OpenApiOperation | undefined;
  /** Handles a request. @param parameters of the path, as the framework has decoded them */
  readonly handle: (
    request: HttpRequest,
    parameters: Readonly<Record<string, string>>,
  ) => Promise<HttpResponse>;
}
