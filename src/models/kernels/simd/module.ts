// What the two WebAssembly modules export: the functions of kernels.ts by their names.
export * from './activation';
export { attend, attendBack, embed, embedAccumulate } from './attention';
export { accumulate, backward, columnSums, forward, spread } from './dense';
export * from './elements';
export * from './gather';
export { decodeLattice, encodeLattice, farthest } from './lattice';
export { limit } from './limit';
export { correct, logistic, logisticLoss, softmax, softmaxLoss, squaredLoss } from './loss';
export { dropout, normalize, normalizeAccumulate, normalizeBack } from './norm';
export { convolve, convolveAccumulate } from './planes';
export { rotate, unrotate } from './rotation';
export * from './rows';
export { topk } from './topk';
export * from './update';
export { averagePool, averagePoolGradient, maxPool, maxPoolGradient, patches, unpatches } from './windows';
