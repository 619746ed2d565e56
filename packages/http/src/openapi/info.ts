/** What a document says of itself. */
export interface OpenApiInfo {
  readonly title: string;
  /** Of the service's interface, as the service counts. */
  readonly version: string;
  readonly description?: string | undefined;
  /** Where the paths are, as clients see it. Default: where the document was found. */
  readonly servers?:
    | readonly { readonly url: string; readonly description?: string | undefined }[]
    | undefined;
}
