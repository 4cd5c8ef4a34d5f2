// One trace of the reference in one fresh process of real Go: prints, after each step, what runtime.MemStats says, and
// what the map's table is like.
//
//	GO111MODULE=off go build -o trace . && ./trace T2 'map[string]string' 8192
//
// After each step: runtime.GC() twice, then ReadMemStats; figures are differences to a baseline taken just before the
// map is made. collect.py runs this many times, each process with a hash seed of its own.
//
//	./trace U 'map[string][]byte' 20000 10 0
//
// With GOGC (-1 is off) and a memory limit in MiB (0 is none) behind it, steps also have NumGC and NextGC, and some come
// without a collection (settings.go).
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
	"unsafe"
)

type step struct {
	name       string
	at, length int
	memory     [6]int64
	table      [5]int64
	// Whether no collection came before it: then the objects are what the last cycle happened to leave.
	isRunning bool
	numGC     int64
	nextGC    uint64
}

var (
	memoryFigureNames = []string{"HeapAlloc", "HeapObjects", "HeapInuse", "TotalAlloc", "Mallocs", "Frees"}

	now       runtime.MemStats
	base      [6]int64
	baseNumGC int64
	// Made beforehand: nothing is allocated between two snapshots but by the trace.
	steps = make([]step, 0, 128)
)

func snapshot(name string, at, length int, header unsafe.Pointer, isRunning bool) {
	if !isRunning {
		runtime.GC()
		runtime.GC()
	}
	runtime.ReadMemStats(&now)
	memory := [6]int64{int64(now.HeapAlloc), int64(now.HeapObjects), int64(now.HeapInuse),
		int64(now.TotalAlloc), int64(now.Mallocs), int64(now.Frees)}
	if name == "baseline" {
		base, baseNumGC = memory, int64(now.NumGC)
		own.note(&now)
	}
	for i := range memory {
		memory[i] -= base[i]
	}
	steps = append(steps, step{name, at, length, memory, mapFigures(header), isRunning,
		int64(now.NumGC) - baseNumGC, now.NextGC})
}

// stringKey makes "k" + decimal with one allocation.
func stringKey(i int) string {
	var buf [32]byte
	return string(strconv.AppendInt(append(buf[:0], 'k'), int64(i), 10))
}

// stringValue makes 16 bytes with one allocation.
func stringValue(i int) string {
	buf := [16]byte{byte(i)}
	return string(buf[:])
}

// holder keeps the map on the heap, as a global map is.
type holder[K comparable, V any] struct{ m map[K]V }

var sink any

// run goes through a trace. set is m[key i] = value i, and drop is delete(m, key i) without garbage.
func run[K comparable, V any](trace string, n int, set, drop func(m map[K]V, i int)) {
	at := []int{1, 7, 8, 9, 13, 14, 15, 26, 27, 28, 29, 52, 53, 56, 57, 104, 105, 112, 113, 208, 209, 224, 225, 416, 417,
		448, 449, 832, 833, 896, 897, 1664, 1665, 1792, 1793, 3328, 3329, 3584, 3585, 6656, 6657, 7168, 7169, 13312,
		13313, 14336, 14337, 20000}
	hint, made := 0, n
	if trace == "T1" || trace == "T3" {
		hint = n
	}
	if trace == "T5" || trace == "T5L" || trace == "T6" || isSettingsTrace(trace) {
		made = 0
	}
	h := &holder[K, V]{}
	sink = h
	after := func(name string, at int) {
		snapshot(name, at, len(h.m), *(*unsafe.Pointer)(unsafe.Pointer(&h.m)), false)
	}
	running := func(name string, at int) {
		snapshot(name, at, len(h.m), *(*unsafe.Pointer)(unsafe.Pointer(&h.m)), true)
	}
	// The collector's own goroutines and tables come into being with the first cycles: before the baseline.
	for i := 0; i < 5; i++ {
		runtime.GC()
		runtime.ReadMemStats(&now)
		time.Sleep(2 * time.Millisecond)
	}
	after("baseline", 0)
	h.m = make(map[K]V, hint)
	after("make", made)
	m := h.m
	i := 0
	insertUpTo := func(end int) {
		for ; i < end; i++ {
			set(m, i)
		}
	}
	switch trace {
	case "R", "U", "G", "L":
		runSettingsTrace(trace, n, m, set, drop, after, running)
	case "T5", "T5L":
		insertUpTo(n)
		after("fill", n)
		rounds, each := 20, 1
		if trace == "T5L" {
			rounds, each = 400, 20
		}
		for round := 1; round <= rounds; round++ {
			insertUpTo(i + n/5)
			for oldest := i - n - n/5; oldest < i-n; oldest++ {
				drop(m, oldest)
			}
			if round%each == 0 {
				after("round", round)
			}
		}
	case "T6":
		for _, stop := range at {
			insertUpTo(stop)
			after("n", stop)
		}
	default:
		insertUpTo(n)
		after("insert", n)
	}
	switch trace {
	case "T1":
		for i := 0; i < n; i++ {
			drop(m, i)
		}
		after("delete", n)
	case "T2", "T3":
		for k := range m {
			delete(m, k)
		}
		after("range_delete", n)
	case "T4":
		for i := 0; i < n; i += 2 {
			drop(m, i)
		}
		after("delete_even", n/2)
		for k := range m {
			delete(m, k)
		}
		after("range_delete", 0)
		debug.FreeOSMemory()
		after("FreeOSMemory", 0)
		m = nil
		h.m = make(map[K]V)
		debug.FreeOSMemory()
		after("fresh_make+FreeOSMemory", 0)
		return
	case "T2K":
		count := 0
		for k := range m {
			delete(m, k)
			count++
		}
		after("delete_each_in_range", count)
	}
	h.m, m = nil, nil
	after("nil", 0)
}

// integers gives a map the keys K(i).
func integers[K int | int32 | int64, V any](value func(i int) V) func(trace string, n int) {
	return func(trace string, n int) {
		run(trace, n, func(m map[K]V, i int) { m[K(i)] = value(i) }, func(m map[K]V, i int) { delete(m, K(i)) })
	}
}

// strings gives a map the keys "k" + decimal.
func strings[V any](value func(i int) V) func(trace string, n int) {
	return func(trace string, n int) {
		run(trace, n, func(m map[string]V, i int) { m[stringKey(i)] = value(i) }, func(m map[string]V, i int) {
			var buf [32]byte
			delete(m, string(strconv.AppendInt(append(buf[:0], 'k'), int64(i), 10)))
		})
	}
}

func main() {
	trace, name := os.Args[1], os.Args[2]
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	hasSettings := len(os.Args) > 4
	if hasSettings {
		applySettings(os.Args[4], os.Args[5])
	} else {
		debug.SetGCPercent(100)
	}
	if trace == "S" {
		runShortStrings(name)
	} else {
		runOfType, isKnown := runOfType[name]
		if !isKnown {
			panic(fmt.Sprintf("no such type: %s", name))
		}
		runOfType(trace, n)
	}
	printed := make([]map[string]any, 0, len(steps))
	for _, s := range steps {
		line := map[string]any{"step": s.name, "at": s.at, "len": s.length}
		for i, figure := range memoryFigureNames {
			// Without a collection, what is alive is not steady; nor is whether a few small objects need a span.
			if !s.isRunning && (trace != "S" || figure != "HeapInuse") || figure == "TotalAlloc" || figure == "Mallocs" {
				line[figure] = s.memory[i]
			}
		}
		if hasSettings {
			line["NumGC"] = s.numGC
			// Under a limit, and without a percentage, the goal is what the runtime's own memory leaves of the limit.
			if !s.isRunning && os.Args[4] != "-1" && os.Args[5] == "0" {
				line["NextGC"] = s.nextGC
			}
		}
		table := map[string]int64{}
		for i, figure := range mapFigureNames {
			table[figure] = s.table[i]
		}
		line["map"] = table
		printed = append(printed, line)
	}
	if hasSettings {
		json.NewEncoder(os.Stdout).Encode(map[string]any{"steps": printed, "own": own})
	} else {
		json.NewEncoder(os.Stdout).Encode(printed)
	}
}
