import { createMemoryStore } from '@pawl/memory';
import { testProtocol } from '@pawl/testkit/protocol';
import { describe, expect, it } from 'vitest';

const { PAWL_PROGRAMS = '300', PAWL_INTERLEAVINGS = '2000' } = process.env;

testProtocol(
  { describe, it, expect },
  ({ now: clock }) => {
    const store = createMemoryStore({ clock });
    return { stores: [store, store] };
  },
  {
    programs: Number(PAWL_PROGRAMS),
    interleavings: Number(PAWL_INTERLEAVINGS),
    immediateFeed: true,
  },
);
