// The traces that are run under settings.
//
//	R   `make(map)`; insert 0…n−1; four times: insert 4n keys that were never there, delete them
//	U   `make(map)`; insert 0…n−1; five times: overwrite each; delete n keys that are not there
//	G   `make(map)`; insert 0…n−1, a step at each eighth; one key more
//	L   `make(map)`; insert 0…n−1; a new baseline; overwrite each; delete n keys that are not there
//	S   strings of no byte, of one and of two, as keys and values: own, empty and one object each
//
// In U, G and L the steps that are named after what is done come without a collection: what counts in them is how many
// cycles the pacer started.

package main

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"unsafe"
)

func isSettingsTrace(trace string) bool {
	return trace == "R" || trace == "U" || trace == "G" || trace == "L"
}

func applySettings(gogc, limitMiB string) {
	percent, err := strconv.Atoi(gogc)
	if err != nil {
		panic(err)
	}
	limit, err := strconv.Atoi(limitMiB)
	if err != nil {
		panic(err)
	}
	own.measureScan()
	debug.SetGCPercent(percent)
	if limit > 0 {
		debug.SetMemoryLimit(int64(limit) << 20)
	}
}

// own is what the programme itself has at the baseline, in bytes. It counts in goals and triggers as the map does.
var own ownBytes

type ownBytes struct {
	// HeapAlloc.
	Heap uint64 `json:"heap"`
	// Stacks and globals: a percentage of them is in the goal.
	Scan uint64 `json:"scan"`
	// What counts against the memory limit and is neither object nor free page.
	Other uint64 `json:"other"`
}

func (o *ownBytes) note(stats *runtime.MemStats) {
	o.Heap = stats.HeapAlloc
	o.Other = stats.Sys - stats.HeapIdle - stats.HeapAlloc
}

var ballast []byte

// measureScan reads the stacks and globals from the goal of a heap that is so large that the least goal does not matter:
// it is then twice what was marked, and once the stacks and globals. No cycle starts by itself, from which the pacer would
// learn.
func (o *ownBytes) measureScan() {
	debug.SetGCPercent(-1)
	ballast = make([]byte, 8<<20)
	runtime.GC()
	debug.SetGCPercent(100)
	runtime.ReadMemStats(&now)
	o.Scan = now.NextGC - 2*now.HeapAlloc
	ballast = nil
	debug.FreeOSMemory()
}

func runSettingsTrace[K comparable, V any](
	trace string, n int, m map[K]V, set, drop func(m map[K]V, i int), after, running func(name string, at int),
) {
	switch trace {
	case "R":
		for i := 0; i < n; i++ {
			set(m, i)
		}
		after("fill", n)
		for round := 1; round <= 4; round++ {
			for i := round * 5 * n; i < (round*5+4)*n; i++ {
				set(m, i)
			}
			after("inserted", round)
			for i := round * 5 * n; i < (round*5+4)*n; i++ {
				drop(m, i)
			}
			after("deleted", round)
		}
	case "U":
		for i := 0; i < n; i++ {
			set(m, i)
		}
		running("insert", n)
		after("inserted", n)
		for round := 1; round <= 5; round++ {
			for i := 0; i < n; i++ {
				set(m, i)
			}
			running("overwrite", round)
		}
		for i := n; i < 2*n; i++ {
			drop(m, i)
		}
		running("missing", n)
		after("overwritten", n)
	case "L":
		for i := 0; i < n; i++ {
			set(m, i)
		}
		after("baseline", 0)
		for i := 0; i < n; i++ {
			set(m, i)
		}
		running("overwrite", n)
		for i := n; i < 2*n; i++ {
			drop(m, i)
		}
		running("missing", n)
		after("collected", n)
	case "G":
		for i := 0; i < n; i++ {
			set(m, i)
			if (i+1)%(n/8) == 0 {
				running("insert", i+1)
			}
		}
		set(m, n)
		running("one_more", n+1)
		after("inserted", n+1)
	}
}

//go:noinline
func shortString(i, length int) string {
	buf := [2]byte{byte(i), byte(i >> 8)}
	return string(buf[:length])
}

//go:noinline
func shortBytes(i, length int) []byte {
	b := make([]byte, length)
	if length > 0 {
		b[0] = byte(i)
	}
	return b
}

func runShortStrings(name string) {
	switch name {
	case "map[string]string":
		runShort(shortString)
	case "map[string][]byte":
		runShort(shortBytes)
	case "map[string]*string":
		runShort(func(i, length int) *string { p := new(string); *p = shortString(i, length); return p })
	}
}

func runShort[V any](value func(i, length int) V) {
	h := &holder[string, V]{}
	sink = h
	after := func(name string, at int) {
		snapshot(name, at, len(h.m), *(*unsafe.Pointer)(unsafe.Pointer(&h.m)), false)
	}
	for i := 0; i < 5; i++ {
		runtime.GC()
		runtime.ReadMemStats(&now)
	}
	after("baseline", 0)
	h.m = make(map[string]V, 1024)
	after("make", 1024)
	h.m[shortString(0, 0)] = value(0, 0)
	after("empty", 1)
	for length := 1; length <= 2; length++ {
		for i := 0; i < 256; i++ {
			h.m[shortString(i, length)] = value(i, length)
		}
		after("insert", length)
		for i := 0; i < 256; i++ {
			h.m[shortString(i, length)] = value(i+1, length)
		}
		after("overwrite", length)
	}
	for i := 0; i < 256; i++ {
		delete(h.m, shortString(i, 1))
	}
	after("delete", 1)
	h.m = nil
	after("nil", 0)
}
