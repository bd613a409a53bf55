/** How the number of voters stands against the size that the deployment said (L5), and what leads from one to the other. */
export type Phase =
  /** No more nodes than the deployment said. */
  | { readonly is: 'plain' }
  /** More nodes were up at one time. */
  | { readonly is: 'raised' }
  /** The leader has struck one off; until a quorum knows, as many votes are needed as before. */
  | { readonly is: 'lowering'; readonly from: number }
  /** Nobody is struck off any more, by an appeal; until it is granted, all in sight must vote. */
  | { readonly is: 'appealing' };

/** `exceeds` and `fits`: more nodes are counted than the size, or not. `replaced`: another node's roll was taken over. */
export type Change = 'exceeds' | 'fits' | 'struck' | 'appealed' | 'granted' | 'replaced';

export const NEXT_PHASE: { readonly [From in Phase['is']]: { readonly [What in Change]: Phase['is'] } } = {
  plain: {
    exceeds: 'raised',
    fits: 'plain',
    struck: 'lowering',
    appealed: 'appealing',
    granted: 'plain',
    replaced: 'plain',
  },
  raised: {
    exceeds: 'raised',
    fits: 'plain',
    struck: 'lowering',
    appealed: 'appealing',
    granted: 'raised',
    replaced: 'raised',
  },
  lowering: {
    exceeds: 'lowering',
    fits: 'lowering',
    struck: 'lowering',
    appealed: 'appealing',
    granted: 'raised',
    replaced: 'raised',
  },
  appealing: {
    exceeds: 'appealing',
    fits: 'appealing',
    struck: 'appealing',
    appealed: 'appealing',
    granted: 'raised',
    replaced: 'raised',
  },
};
