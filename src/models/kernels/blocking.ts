// Read by TypeScript and by AssemblyScript. How the dense products are cut: a block of the right matrix (BLOCK_DEPTH x BLOCK_COLUMNS)
// lies packed in the second-level cache, together with the rows of the left one (BLOCK_ROWS x BLOCK_DEPTH) that it is multiplied with.

export const BLOCK_ROWS = 96;
export const BLOCK_DEPTH = 256;
export const BLOCK_COLUMNS = 384;
