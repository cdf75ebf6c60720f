/**
 * Where the threads of a pool come in. Piscina would `require` a module, and a thread that is ended while it does takes the whole process with
 * it (Node 20: a fatal error of V8); one that is ended during an `import` just ends. Hence a file of the older kind, which imports the others.
 */

module.exports = {
  serve: (order: import('./worker.js').Order) => import('./worker.js').then(({ default: serve }) => serve(order)),
  solo: (input: Parameters<typeof import('./solo.js').default>[0]) =>
    import('./solo.js').then(({ default: solo }) => solo(input)),
};
