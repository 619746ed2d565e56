import { type LibraryConfig, library } from '../../tsup.base.ts';

const config: LibraryConfig = library({ index: 'src/index.ts', proxy: 'src/proxy.ts' });
export default config;
