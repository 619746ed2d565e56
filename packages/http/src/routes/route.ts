import type { OpenApiOperation } from '../openapi/operation.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';

/** A route for a binding to mount. */
export interface HttpRoute {
  /** What its limit goes by, wherever it stands. Lower case and `_`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Complete, with `:id` for a parameter. */
  readonly path: string;
  /** What the OpenAPI document says of it. Without one it is left out. */
  readonly operation?: OpenApiOperation | undefined;
  /** @param parameters as the framework has decoded them from the path */
  readonly handle: (
    request: HttpRequest,
    parameters: Readonly<Record<string, string>>,
  ) => Promise<HttpResponse>;
}
