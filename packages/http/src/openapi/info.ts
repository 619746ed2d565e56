/** Title and version of an OpenAPI document. */
export interface OpenApiInfo {
  readonly title: string;
  /** The version of your service's API, in your own scheme. */
  readonly version: string;
  readonly description?: string | undefined;
  /** The base URLs of the paths, as clients see them. Default: where the document was found. */
  readonly servers?:
    | readonly { readonly url: string; readonly description?: string | undefined }[]
    | undefined;
}
