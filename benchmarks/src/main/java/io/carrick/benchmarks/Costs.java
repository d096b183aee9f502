package io.carrick.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;

/**
 * What processes have used up so far.
 *
 * @param cpuNanos of the client and the server, in steps of the system's clock tick
 * @param allocatedBytes of all living threads of the client
 */
record Costs(long cpuNanos, long allocatedBytes) {

  static Costs of(ProcessHandle server) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated =
        Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
            .filter(bytes -> bytes > 0)
            .sum();
    return new Costs(cpu(server) + cpu(ProcessHandle.current()), allocated);
  }

  private static long cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  Costs minus(Costs before) {
    return new Costs(cpuNanos - before.cpuNanos, allocatedBytes - before.allocatedBytes);
  }
}
