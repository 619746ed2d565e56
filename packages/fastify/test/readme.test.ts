import { testReadmeExample } from '@pawl/testkit/binding';
import { describe, expect, it } from 'vitest';

testReadmeExample(
  { describe, it, expect },
  {
    readme: new URL('../README.md', import.meta.url),
    example: new URL('./readme-example.ts', import.meta.url),
    nodeOptions: ['--conditions=@pawl/source'],
  },
);
