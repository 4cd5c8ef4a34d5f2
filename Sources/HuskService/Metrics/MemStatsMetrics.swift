// runtime.MemStats under client_golang's names, with its help texts. (client_golang 1.20: prometheus/go_collector.go,
// `goRuntimeMemStats`; lookups and gc_cpu_fraction are from before 1.12, where it still had them.)

import GoHeap

extension MetricsWriter {
    typealias MemStatsMetric = (name: String, kind: Kind, help: String, value: @Sendable (MemStats) -> UInt64)

    static let memStatsMetrics: [MemStatsMetric] = [
        (
            "go_memstats_alloc_bytes", .gauge,
            "Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes.",
            { $0.alloc }
        ),
        (
            "go_memstats_alloc_bytes_total", .counter,
            "Total number of bytes allocated in heap until now, even if released already. Equals to /gc/heap/allocs:bytes.",
            { $0.totalAlloc }
        ),
        (
            "go_memstats_sys_bytes", .gauge,
            "Number of bytes obtained from system. Equals to /memory/classes/total:byte.", { $0.sys }
        ),
        ("go_memstats_lookups_total", .counter, "Total number of pointer lookups.", { $0.lookups }),
        (
            "go_memstats_mallocs_total", .counter,
            "Total number of heap objects allocated, both live and gc-ed. Semantically a counter version for go_memstats_heap_objects gauge. Equals to /gc/heap/allocs:objects + /gc/heap/tiny/allocs:objects.",
            { $0.mallocs }
        ),
        (
            "go_memstats_frees_total", .counter,
            "Total number of heap objects frees. Equals to /gc/heap/frees:objects + /gc/heap/tiny/allocs:objects.",
            { $0.frees }
        ),
        (
            "go_memstats_heap_alloc_bytes", .gauge,
            "Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.",
            { $0.heapAlloc }
        ),
        (
            "go_memstats_heap_sys_bytes", .gauge,
            "Number of heap bytes obtained from system. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.",
            { $0.heapSys }
        ),
        (
            "go_memstats_heap_idle_bytes", .gauge,
            "Number of heap bytes waiting to be used. Equals to /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.",
            { $0.heapIdle }
        ),
        (
            "go_memstats_heap_inuse_bytes", .gauge,
            "Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes",
            { $0.heapInuse }
        ),
        (
            "go_memstats_heap_released_bytes", .gauge,
            "Number of heap bytes released to OS. Equals to /memory/classes/heap/released:bytes.",
            { $0.heapReleased }
        ),
        (
            "go_memstats_heap_objects", .gauge,
            "Number of currently allocated objects. Equals to /gc/heap/objects:objects.", { $0.heapObjects }
        ),
        (
            "go_memstats_stack_inuse_bytes", .gauge,
            "Number of bytes obtained from system for stack allocator in non-CGO environments. Equals to /memory/classes/heap/stacks:bytes.",
            { $0.stackInuse }
        ),
        (
            "go_memstats_stack_sys_bytes", .gauge,
            "Number of bytes obtained from system for stack allocator. Equals to /memory/classes/heap/stacks:bytes + /memory/classes/os-stacks:bytes.",
            { $0.stackSys }
        ),
        (
            "go_memstats_mspan_inuse_bytes", .gauge,
            "Number of bytes in use by mspan structures. Equals to /memory/classes/metadata/mspan/inuse:bytes.",
            { $0.mspanInuse }
        ),
        (
            "go_memstats_mspan_sys_bytes", .gauge,
            "Number of bytes used for mspan structures obtained from system. Equals to /memory/classes/metadata/mspan/inuse:bytes + /memory/classes/metadata/mspan/free:bytes.",
            { $0.mspanSys }
        ),
        (
            "go_memstats_mcache_inuse_bytes", .gauge,
            "Number of bytes in use by mcache structures. Equals to /memory/classes/metadata/mcache/inuse:bytes.",
            { $0.mcacheInuse }
        ),
        (
            "go_memstats_mcache_sys_bytes", .gauge,
            "Number of bytes used for mcache structures obtained from system. Equals to /memory/classes/metadata/mcache/inuse:bytes + /memory/classes/metadata/mcache/free:bytes.",
            { $0.mcacheSys }
        ),
        (
            "go_memstats_buck_hash_sys_bytes", .gauge,
            "Number of bytes used by the profiling bucket hash table. Equals to /memory/classes/profiling/buckets:bytes.",
            { $0.buckHashSys }
        ),
        (
            "go_memstats_gc_sys_bytes", .gauge,
            "Number of bytes used for garbage collection system metadata. Equals to /memory/classes/metadata/other:bytes.",
            { $0.gcSys }
        ),
        (
            "go_memstats_other_sys_bytes", .gauge,
            "Number of bytes used for other system allocations. Equals to /memory/classes/other:bytes.",
            { $0.otherSys }
        ),
        (
            "go_memstats_next_gc_bytes", .gauge,
            "Number of heap bytes when next garbage collection will take place. Equals to /gc/heap/goal:bytes.",
            { $0.nextGC }
        ),
    ]
}
