import { type LibraryConfig, library } from '../../tsup.base.ts';

const config: LibraryConfig = library({ index: 'src/index.ts', testing: 'src/testing.ts' });
export default config;
