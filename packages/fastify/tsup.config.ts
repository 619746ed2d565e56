import { type LibraryConfig, library } from '../../tsup.base.ts';

const config: LibraryConfig = library();
export default config;
