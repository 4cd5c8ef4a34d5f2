// Go's map alone, as Benchmarks/map-speed/swift measures Husk's: for each case a line "case nanoseconds-per-entry".
//
//	map-speed int|string COUNT [CASE...]
//
// Times are the process's CPU time. A case runs so often that it makes some two million operations, and its figure is the
// mean: what its garbage makes the collector do is in it. A collection before each case lets all begin alike.
package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
)

// With more entries than this only hits are measured.
const allCasesLimit = 1_000_000

var sink int64

func cpuNanoseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// measure prints the mean time of an operation; it does nothing for a case that was not asked for. prepare, if any, runs
// before each repeat and is not timed.
func measure(name string, count, repeats int, prepare, body func()) {
	if wanted := os.Args[3:]; len(wanted) > 0 && !slices.Contains(wanted, name) {
		return
	}
	runtime.GC()
	var total int64
	for i := 0; i < repeats; i++ {
		if prepare != nil {
			prepare()
		}
		start := cpuNanoseconds()
		body()
		total += cpuNanoseconds() - start
	}
	fmt.Printf("%s %.2f\n", name, float64(total)/float64(count)/float64(repeats))
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	repeats := max(2, 2_000_000/count)
	if os.Args[1] == "int" {
		measureInts(intKeys(count), count, repeats)
	} else {
		measureStrings(textKeys(count), count, repeats)
	}
}

func measureInts(keys keySet[int64], count, repeats int) {
	m := map[int64]int64{}
	insert := func() {
		for _, key := range keys.inserted {
			m[key] = key
		}
	}
	fill := func() {
		if len(m) < count {
			insert()
		}
	}
	hit := func() {
		var sum int64
		for _, key := range keys.used {
			sum += m[key]
		}
		sink += sum
	}
	if count > allCasesLimit {
		m = make(map[int64]int64, count)
		measure("hit", count, repeats, fill, hit)
		return
	}
	measure("insert-presized", count, repeats, nil, func() {
		m = make(map[int64]int64, count)
		insert()
	})
	measure("insert-growing", count, repeats, nil, func() {
		m = make(map[int64]int64)
		insert()
	})
	measure("hit", count, repeats, fill, hit)
	measure("miss", count, repeats, fill, func() {
		var found int64
		for _, key := range keys.missing {
			if _, ok := m[key]; ok {
				found++
			}
		}
		sink += found
	})
	measure("update", count, repeats, fill, func() {
		for _, key := range keys.used {
			m[key] = key
		}
	})
	measure("iterate", count, repeats, fill, func() {
		var sum int64
		for key, value := range m {
			sum += key ^ value
		}
		sink += sum
	})
	measure("delete", count, repeats, fill, func() {
		for _, key := range keys.used {
			delete(m, key)
		}
	})
	measure("clear", count, repeats, fill, func() { clear(m) })
}

func measureStrings(keys keySet[text], count, repeats int) {
	m := map[string]int64{}
	// A server makes the key's string of a request's bytes: so does m[string(bytes)] = value.
	insert := func() {
		for i := range keys.inserted {
			m[string(keys.inserted[i][:])] = int64(i)
		}
	}
	fill := func() {
		if len(m) < count {
			insert()
		}
	}
	hit := func() {
		var sum int64
		for i := range keys.used {
			sum += m[keys.used[i].borrowed()]
		}
		sink += sum
	}
	if count > allCasesLimit {
		m = make(map[string]int64, count)
		measure("hit", count, repeats, fill, hit)
		return
	}
	measure("insert-presized", count, repeats, nil, func() {
		m = make(map[string]int64, count)
		insert()
	})
	measure("insert-growing", count, repeats, nil, func() {
		m = make(map[string]int64)
		insert()
	})
	measure("hit", count, repeats, fill, hit)
	measure("miss", count, repeats, fill, func() {
		var found int64
		for i := range keys.missing {
			if _, ok := m[keys.missing[i].borrowed()]; ok {
				found++
			}
		}
		sink += found
	})
	measure("update", count, repeats, fill, func() {
		for i := range keys.used {
			m[string(keys.used[i][:])] = int64(i)
		}
	})
	measure("iterate", count, repeats, fill, func() {
		var sum int64
		for key, value := range m {
			sum += int64(len(key)) ^ value
		}
		sink += sum
	})
	measure("delete", count, repeats, fill, func() {
		for i := range keys.used {
			delete(m, keys.used[i].borrowed())
		}
	})
	measure("clear", count, repeats, fill, func() { clear(m) })
}
