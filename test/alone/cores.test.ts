import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupQuota, cores, threadCount } from '../../src/threads/cores.js';

const files = (table: Record<string, string>) => (path: string) => table[path];

test('a version 2 quota caps the cores, the tightest on the way up counts', () => {
  const read = files({
    '/proc/self/cgroup': '0::/a/b\n',
    '/sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
    '/sys/fs/cgroup/a/cpu.max': '250000 100000\n',
    '/sys/fs/cgroup/cpu.max': '400000 100000\n',
  });
  assert.deepEqual(cores(8, read), { available: 8, quota: { cores: 2.5, from: '/sys/fs/cgroup/a/cpu.max' }, usable: 2 });
});

test('a version 1 quota is read, also from the mount when the path lies outside the container', () => {
  const read = files({
    '/proc/self/cgroup': '4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '150000\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '50000\n',
  });
  assert.deepEqual(cgroupQuota(read), { cores: 3, from: '/sys/fs/cgroup/cpu/cpu.cfs_quota_us' });
});

test('no quota, an unlimited one, less than a core, and nonsense', () => {
  const group = { '/proc/self/cgroup': '0::/\n3:cpu:/\n' };
  assert.equal(cgroupQuota(files({})), null);
  assert.equal(cgroupQuota(files({ ...group, '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1' })), null);
  assert.equal(cgroupQuota(files({ ...group, '/sys/fs/cgroup/cpu.max': 'nonsense' })), null);
  assert.equal(cores(4, files({ ...group, '/sys/fs/cgroup/cpu.max': '50000 100000' })).usable, 1);
});

test('threads: as asked for, else every usable core, never more than nodes', () => {
  const here = cores(4, files({}));
  assert.equal(threadCount(null, 16, here), 4);
  assert.equal(threadCount(null, 3, here), 3);
  assert.equal(threadCount(7, 16, here), 7);
  assert.ok(threadCount(null, 1000) >= 1);
});
