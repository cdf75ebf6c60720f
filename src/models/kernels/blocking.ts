// Read by TypeScript and by AssemblyScript. How the dense products are cut: a block of the left matrix (BLOCK_ROWS x BLOCK_DEPTH)
// and one of the right (BLOCK_DEPTH x BLOCK_COLUMNS) lie packed in the second-level cache together.

export const BLOCK_ROWS = 96;
export const BLOCK_DEPTH = 256;
export const BLOCK_COLUMNS = 384;
