// What the two WebAssembly modules export: the functions of kernels.ts by their names.
export * from './rows';
