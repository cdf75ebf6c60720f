/** Milliseconds that this process has computed for: what a bound on speed is about, when others use the machine too. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
