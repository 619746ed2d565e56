import { type LibraryConfig, library } from '../../tsup.base.ts';

const config: LibraryConfig = library({ index: 'src/index.ts', extension: 'src/extension.ts' });
export default config;
