/** Parameters in the names and shapes of PyTorch and Keras, out and in again, and PyTorch's own predictions with them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { openModel } from '../../../src/engine/recipe.js';
import { HearsayError } from '../../../src/errors.js';
import { loadModel } from '../../../src/index.js';
import { arranged, layouts } from '../../../src/models/formats/layout.js';
import { type Held, weightsFrom } from '../../../src/models/formats/names.js';
import { readSafetensors, writeSafetensors } from '../../../src/models/formats/safetensors.js';
import { anyLayers } from '../../support/anylayers.js';
import { apart, examples, kindOf, made, requireTelling, rowsFor, textKind } from '../../support/made.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

test('tensors have the names and shapes that users of each expect', async () => {
  const shapes = async (spec: string, kind: Parameters<typeof made>[1], layout: (typeof layouts)[number]) => {
    const model = await openModel(spec, kind);
    return Object.fromEntries(arranged(model, layout).map(({ name, shape }) => [name, shape.join(' ')]));
  };
  const image = kindOf([3, 32, 32], 10);
  const lenet = { 'conv1.weight': '6 3 5 5', 'conv1.bias': '6', 'conv2.weight': '16 6 5 5', 'conv2.bias': '16' };
  const dense = { 'fc1.weight': '120 400', 'fc1.bias': '120', 'fc2.weight': '84 120', 'fc2.bias': '84', 'fc3.weight': '10 84' };
  assert.deepEqual(await shapes('lenet', image, 'pytorch'), { ...lenet, ...dense, 'fc3.bias': '10' });
  const keras = await shapes('lenet', image, 'keras');
  assert.deepEqual([keras['conv1.kernel'], keras['fc1.kernel'], keras['fc3.bias']], ['5 5 3 6', '400 120', '10']);
  assert.deepEqual(await shapes('softmax', kindOf([5], 3), 'pytorch'), { weight: '3 5', bias: '3' });
  const transformer = await shapes('transformer:1,2,8', textKind(6, [...'abcd']), 'pytorch');
  assert.deepEqual(transformer, {
    'embedding1.token.weight': '4 8',
    'embedding1.position.weight': '6 8',
    'block1.body.norm1.weight': '8',
    'block1.body.norm1.bias': '8',
    'block1.body.attention1.in_proj_weight': '24 8',
    'block1.body.attention1.in_proj_bias': '24',
    'block1.body.attention1.out_proj.weight': '8 8',
    'block1.body.attention1.out_proj.bias': '8',
    'block2.body.norm1.weight': '8',
    'block2.body.norm1.bias': '8',
    'block2.body.fc1.weight': '32 8',
    'block2.body.fc1.bias': '32',
    'block2.body.fc2.weight': '8 32',
    'block2.body.fc2.bias': '8',
    'norm1.weight': '8',
    'norm1.bias': '8',
    'fc1.weight': '4 8',
    'fc1.bias': '4',
  });
  const resnet = await shapes('resnet8', image, 'pytorch');
  assert.equal(resnet['block2.shortcut.conv1.weight'], '32 16 1 1');
});

test('every layout is a permutation of the vector, and reads back as it', async () => {
  const round = async (spec: string, kind: Parameters<typeof made>[1], seed: number) => {
    const { weights } = await made(spec, kind, seed);
    const model = await openModel(spec, kind);
    for (const layout of layouts) {
      let tensors: ReturnType<typeof arranged>;
      try {
        tensors = arranged(model, layout);
      } catch (error) {
        assert.ok(error instanceof HearsayError && /groups over a flattened image/.test(error.message), spec);
        continue;
      }
      const seen = new Set(tensors.flatMap(tensor => Array.from(tensor.places())));
      assert.equal(seen.size, model.parameters);
      const held = new Map<string, Held>(
        tensors.map(tensor => [
          tensor.name,
          { shape: tensor.shape, values: Array.from(tensor.places(), place => weights[place]) },
        ]),
      );
      assert.deepEqual(weightsFrom(model, held, 'file', layout), weights, `${spec} ${layout}`);
    }
  };
  for (const [spec, kind] of examples) await round(spec, kind, 1);
  await fc.assert(
    fc.asyncProperty(anyLayers, fc.nat(), ({ spec, kind }, seed) => round(spec, kind, seed)),
    { numRuns: 60 },
  );
});

test('files that are saved and exported give the same model again', async () => {
  for (const [k, [spec, given]] of examples.entries()) {
    const standard = { mean: Float64Array.of(1e9 + 1 / 3), factor: Float64Array.of(Math.PI) };
    const kind = given.categories || k % 2 ? given : { ...given, scale: 1 / 255, shift: 0.1, standard };
    const model = await made(spec, kind);
    const inputs = rowsFor(kind, 3);
    const expected = model.predict(inputs);
    const path = join(folder, `model${k}`);
    const files = [path];
    await model.save(path);
    for (const format of ['safetensors', 'npz'] as const)
      for (const layout of layouts) files.push(...(await model.export(`${path}.${layout}.${format}`, { format, layout })));
    for (const file of files) {
      const again = await loadModel(file);
      assert.deepEqual(again.predict(inputs), expected, file);
      assert.deepEqual([again.spec, again.standard, again.vocabulary], [spec, model.standard, model.vocabulary], file);
    }
  }
});

test('PyTorch files of any naming are read: a prefix, the numbers of nn.Sequential, double precision', async () => {
  const kind = kindOf([3, 32, 32], 10);
  const model = await made('lenet', kind);
  const network = await openModel('lenet', kind);
  const tensors = arranged(network, 'pytorch').map(tensor => ({
    name: tensor.name,
    shape: [...tensor.shape],
    values: Float64Array.from(tensor.places(), place => model.weights[place]),
  }));
  const numbers = ['0', '3', '7', '9', '11'];
  const namings = [
    (name: string) => name,
    (name: string) => `module.net.${name}`,
    (_: string, k: number) => `${numbers[k >> 1]}.${k % 2 ? 'bias' : 'weight'}`,
    (_: string, k: number) => `model.${numbers[k >> 1]}.${k % 2 ? 'bias' : 'weight'}`,
  ];
  for (const naming of namings) {
    // Other software sorts the tensors of a file as it likes.
    const named = tensors
      .map((tensor, k) => ({ ...tensor, name: naming(tensor.name, k) }))
      .sort((a, b) => (a.name < b.name ? 1 : -1));
    const path = join(folder, 'pytorch.safetensors');
    writeFileSync(path, writeSafetensors(named));
    await assert.rejects(loadModel(path), { code: 'CONFIG_MISSING', message: /--model/ });
    await assert.rejects(loadModel(path, { model: 'lenet' }), { code: 'CONFIG_MISSING', message: /--data/ });
    const again = await loadModel(path, { model: 'lenet', like: kind });
    assert.deepEqual(again.weights, model.weights, named[0].name);
  }
});

test('a file that does not fit says what was expected and what was found', async () => {
  const model = await openModel('mlp:4', kindOf([3], 2));
  const tensor = (...shape: number[]): Held => ({ shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  const good = { 'fc1.weight': tensor(4, 3), 'fc1.bias': tensor(4), 'fc2.weight': tensor(2, 4), 'fc2.bias': tensor(2) };
  const read = (tensors: Record<string, Held>) => weightsFrom(model, new Map(Object.entries(tensors)), 'a file');
  assert.equal(read(good).length, model.parameters);
  const refused = (tensors: Record<string, Held>, message: RegExp, code = 'MODEL_MISMATCH') =>
    assert.throws(() => read(tensors), { code, message }, String(message));
  refused(
    { ...good, 'fc1.weight': tensor(5, 3) },
    /a file: .* mlp:4: found fc1\.weight of \[5, 3\] where \[4, 3\] is expected; give/,
  );
  refused({ ...good, extra: tensor(1) }, /not expected extra \[1\];/);
  const { 'fc2.bias': _, ...less } = good;
  refused(less, /missing fc2\.bias \[2\];/);
  refused({}, /missing fc1\.weight \[4, 3\], fc1\.bias \[4\], fc2\.weight \[2, 4\], fc2\.bias \[2\];/);
  refused(
    { ...good, 'fc1.bias': { shape: [4], values: [0, 1, Number.NaN, 0] } },
    /value 2 of fc1\.bias is NaN/,
    'DATA_NONFINITE',
  );
  refused({ ...good, 'fc1.bias': { shape: [4], values: [0, 1, 1e300, 0] } }, /32 bits/, 'DATA_NONFINITE');
  // Numbers out of order, tails that no layer has, numbers that are too many.
  refused({ '0.weight': tensor(2, 4), '0.bias': tensor(2), '1.weight': tensor(4, 3), '1.bias': tensor(4) }, /expected|missing/);
  refused({ '0.weight': tensor(4, 3), '0.bias': tensor(4), '2.weight': tensor(2, 4), '2.scale': tensor(2) }, /missing/);
});

const formats = resolve('../shared/data/formats');
const skip = existsSync(formats) ? false : `there is no ${formats}`;

test('a network of PyTorch predicts as its own layers do, written out', { skip }, async () => {
  const path = join(formats, 'multi_layer.safetensors');
  const kind = kindOf([3, 10, 10], 16);
  const options = { model: 'layers:conv-4-3', like: kind };
  // Its batch normalization is no layer of ours.
  await assert.rejects(loadModel(path, options), {
    code: 'MODEL_MISMATCH',
    message: /not expected norm1\.num_batches_tracked \[\]/,
  });
  const { tensors } = readSafetensors(readFileSync(path), path);
  const kept = tensors.filter(({ name }) => !name.startsWith('norm1'));
  const [cw, cb, fw, fb] = ['conv1.weight', 'conv1.bias', 'fc1.weight', 'fc1.bias'].map(
    name => kept.find(tensor => tensor.name === name)!.values,
  );
  const file = join(folder, 'kept.safetensors');
  writeFileSync(file, writeSafetensors(kept));
  const model = await loadModel(file, options);
  const x = rowsFor(kind, 1);
  const image: number[] = [];
  for (let f = 0; f < 4; f++)
    for (let i = 0; i < 8; i++)
      for (let j = 0; j < 8; j++) {
        let sum = cb[f];
        for (let c = 0; c < 3; c++)
          for (let k = 0; k < 9; k++) {
            const [a, b] = [Math.floor(k / 3), k % 3];
            sum += cw[(f * 3 + c) * 9 + k] * x[c * 100 + (i + a) * 10 + j + b];
          }
        image.push(sum);
      }
  const scores = Array.from(fb, (bias, o) => image.reduce((sum, value, k) => sum + fw[o * 256 + k] * value, bias));
  const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
  const expected = scores.map(score => Math.exp(score) / total);
  assert.ok(apart(requireTelling(model.predict(x)), expected) < 1e-5);
});

const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import torch, numpy'], { timeout: 60_000 }).status === 0,
);

/** Reads safetensors and npz with nothing but numpy, builds the obvious modules, and predicts. */
const script = `
import json, sys, numpy as np, torch
from torch import nn
from collections import OrderedDict as O
def safetensors(path):
    data = open(path, 'rb').read()
    n = int.from_bytes(data[:8], 'little')
    head = json.loads(data[8:8 + n])
    head.pop('__metadata__')
    types = {'F32': np.float32, 'F64': np.float64}
    return {k: torch.tensor(np.frombuffer(data[8 + n:][slice(*v['data_offsets'])], types[v['dtype']]).reshape(v['shape']).copy()) for k, v in head.items()}
class Standardize(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.register_buffer('mean', torch.zeros(n, dtype=torch.float64))
        self.register_buffer('factor', torch.ones(n, dtype=torch.float64))
    def forward(self, x):
        return ((x.double().flatten(1) - self.mean) * self.factor).float().reshape(x.shape)
class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        if shortcut is not None: self.shortcut = shortcut
    def forward(self, x):
        return self.body(x) + (self.shortcut(x) if hasattr(self, 'shortcut') else x)
class Embedding(nn.Module):
    def __init__(self, n, t, w):
        super().__init__()
        self.token, self.position = nn.Embedding(n, w), nn.Embedding(t, w)
    def forward(self, x):
        x = x[:, :-1].long()
        return self.token(x) + self.position.weight
class Attention(nn.MultiheadAttention):
    def forward(self, x):
        t = x.shape[1]
        later = torch.triu(torch.ones(t, t, dtype=torch.bool), 1)
        return super().forward(x, x, x, attn_mask=later, need_weights=False)[0]
class Last(nn.Module):
    def forward(self, x): return x[:, -1]
def normed(i, o, k, s): return [('conv', nn.Conv2d(i, o, k, s, k // 2, bias=False)), ('norm', nn.GroupNorm(max(1, min(8, o // 4)), o))]
def numbered(parts):
    counts, named = {}, O()
    for name, module in parts:
        counts[name] = counts.get(name, 0) + 1
        named[name + str(counts[name])] = module
    return nn.Sequential(named)
def block(i, o, s):
    return Residual(numbered(normed(i, o, 3, s) + [('relu', nn.ReLU())] + normed(o, o, 3, 1)), numbered(normed(i, o, 1, s)) if s > 1 else None)
def lenet(pad): return numbered([('conv', nn.Conv2d(3, 6, 5, padding=pad)), ('relu', nn.ReLU()), ('pool', nn.MaxPool2d(2)), ('conv', nn.Conv2d(6, 16, 5)), ('relu', nn.ReLU()), ('pool', nn.MaxPool2d(2)), ('flatten', nn.Flatten()), ('fc', nn.Linear(400, 120)), ('relu', nn.ReLU()), ('fc', nn.Linear(120, 84)), ('relu', nn.ReLU()), ('fc', nn.Linear(84, 10))])
def resnet8():
    return numbered(normed(3, 16, 3, 1) + [('relu', nn.ReLU())] + sum([[('block', block(i, o, s)), ('relu', nn.ReLU())] for i, o, s in [(16, 16, 1), (16, 32, 2), (32, 64, 2)]], []) + [('pool', nn.AdaptiveAvgPool2d(1)), ('flatten', nn.Flatten()), ('fc', nn.Linear(64, 10))])
def transformer(v, t, w, h):
    parts = [('embedding', Embedding(v, t, w))]
    parts += [('block', Residual(numbered([('norm', nn.LayerNorm(w)), ('attention', Attention(w, h, batch_first=True))])))]
    parts += [('block', Residual(numbered([('norm', nn.LayerNorm(w)), ('fc', nn.Linear(w, 4 * w)), ('gelu', nn.GELU()), ('fc', nn.Linear(4 * w, w))])))]
    return numbered(parts + [('norm', nn.LayerNorm(w)), ('fc', nn.Linear(w, v)), ('last', Last())])
def mlp():
    return nn.Sequential(O(input=Standardize(6), fc1=nn.Linear(6, 8), act=nn.Tanh(), fc2=nn.Linear(8, 3)))
def norms():
    return numbered([('conv', nn.Conv2d(2, 6, 3)), ('relu', nn.ReLU()), ('pool', nn.AvgPool2d(2)), ('flatten', nn.Flatten()), ('norm', nn.LayerNorm(54)), ('fc', nn.Linear(54, 5)), ('gelu', nn.GELU()), ('fc', nn.Linear(5, 4))])
nets = dict(lenet=lambda: lenet(0), resnet8=resnet8, transformer=lambda: transformer(5, 6, 8, 2), mlp=mlp, norms=norms)
torch.set_num_threads(1)
out = []
for job in json.load(sys.stdin):
    state = safetensors(job['path'] + '.safetensors')
    arrays = np.load(job['path'] + '.npz')
    assert set(arrays.files) == set(state) | {'hearsay.metadata'}, arrays.files
    for key, value in state.items(): assert np.array_equal(arrays[key], value.numpy()), key
    assert json.loads(bytes(arrays['hearsay.metadata']))['layout'] == 'pytorch'
    net = nets[job['name']]()
    net.load_state_dict(state)
    net.eval()
    with torch.no_grad():
        x = torch.tensor(job['inputs'], dtype=torch.float32).reshape([-1] + job['shape'])
        out.append(torch.softmax(net(x), -1).flatten().tolist())
    if job['name'] in ('lenet', 'norms'):
        torch.manual_seed(1)
        for p in net.parameters(): p.data.normal_(0, .1)
        np.savez_compressed(job['path'] + '-torch.npz', **{str(k): v.numpy() for k, v in net.state_dict().items()})
        with torch.no_grad(): out.append(torch.softmax(net(x), -1).flatten().tolist())
print(json.dumps(out))
`;

test('PyTorch loads the tensors into the obvious modules, and predicts the same; and the other way round', {
  skip: python === undefined && 'no python3 with torch and numpy here',
  timeout: 120_000,
}, async context => {
  const standard = { mean: Float64Array.from([1e6, 2, 3, 4, 5, 6]), factor: Float64Array.from([1e-3, 1, 0, 2, 3, 4]) };
  const cases = [
    ['lenet', 'lenet', kindOf([3, 32, 32], 10)],
    ['resnet8', 'resnet8', kindOf([3, 32, 32], 10)],
    ['transformer', 'transformer:1,2,8', textKind(6, [...'abcde'])],
    ['mlp', 'mlp:8,tanh', kindOf([6], 3, { standard })],
    ['norms', 'layers:conv-6-3,relu,mean-2,flatten,layernorm,fc-5,gelu', kindOf([2, 8, 8], 4)],
  ] as const;
  const jobs = [];
  const expected: { what: string; values: Float32Array }[] = [];
  for (const [name, spec, kind] of cases) {
    const model = await made(spec, kind);
    const path = join(folder, name);
    for (const format of ['safetensors', 'npz'] as const) await model.export(`${path}.${format}`, { format });
    const inputs = rowsFor(kind, 4);
    jobs.push({ name, path, shape: kind.shape, inputs: Array.from(inputs) });
    expected.push({ what: name, values: requireTelling(model.predict(inputs)) });
  }
  const { stdout, stderr } = spawnSync(python!, ['-c', script], {
    input: JSON.stringify(jobs),
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.ok(stdout, stderr);
  const found: number[][] = JSON.parse(stdout);
  let next = 0;
  for (const [k, [name, spec, kind]] of cases.entries()) {
    const most = apart(found[next++], expected[k].values);
    context.diagnostic(`${spec}: largest difference ${most}`);
    assert.ok(most < 1e-5, `${name}: ${most}`);
    if (name !== 'lenet' && name !== 'norms') continue;
    const theirs = await loadModel(`${jobs[k].path}-torch.npz`, { model: spec, like: kind });
    const back = apart(found[next++], theirs.predict(Float32Array.from(jobs[k].inputs)));
    assert.ok(back < 1e-5, `${name} of PyTorch: ${back}`);
  }
});
