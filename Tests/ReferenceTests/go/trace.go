// One trace of the reference in one fresh process of real Go: prints, after each step, what runtime.MemStats says.
//
//	go run trace.go T2 'map[string]string' 8192
//
// After each step: runtime.GC() twice, then ReadMemStats; figures are differences to a baseline taken just before the map
// is made. collect.py runs this many times, each process with a hash seed of its own.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

type step struct {
	Step        string `json:"step"`
	At          int    `json:"at"`
	Len         int    `json:"len"`
	HeapAlloc   int64
	HeapObjects int64
	HeapInuse   int64
}

var (
	base  runtime.MemStats
	now   runtime.MemStats
	steps = make([]step, 0, 128)
)

func snapshot(name string, at, length int) {
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&now)
	if name == "baseline" {
		base = now
	}
	steps = append(steps, step{name, at, length,
		int64(now.HeapAlloc) - int64(base.HeapAlloc),
		int64(now.HeapObjects) - int64(base.HeapObjects),
		int64(now.HeapInuse) - int64(base.HeapInuse)})
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

func run[K comparable, V any](trace string, n int, key func(int) K, value func(int) V) {
	at := []int{1, 7, 8, 9, 13, 14, 15, 26, 27, 28, 29, 52, 53, 56, 57, 104, 105, 112, 113, 208, 209, 224, 225, 416, 417,
		448, 449, 832, 833, 896, 897, 1664, 1665, 1792, 1793, 3328, 3329, 3584, 3585, 6656, 6657, 7168, 7169, 13312,
		13313, 14336, 14337, 20000}
	hint, made := 0, n
	if trace == "T1" || trace == "T3" {
		hint = n
	}
	if trace == "T6" {
		made = 0
	}
	h := &holder[K, V]{}
	sink = h
	// The collector's own goroutines and tables come into being with the first cycles: before the baseline.
	for i := 0; i < 5; i++ {
		runtime.GC()
		runtime.ReadMemStats(&now)
		time.Sleep(2 * time.Millisecond)
	}
	snapshot("baseline", 0, 0)
	h.m = make(map[K]V, hint)
	snapshot("make", made, len(h.m))
	m := h.m
	if trace == "T6" {
		i := 0
		for _, stop := range at {
			for ; i < stop; i++ {
				m[key(i)] = value(i)
			}
			snapshot("n", stop, len(m))
		}
	} else {
		for i := 0; i < n; i++ {
			m[key(i)] = value(i)
		}
		snapshot("insert", n, len(m))
	}
	switch trace {
	case "T1":
		for i := 0; i < n; i++ {
			delete(m, key(i))
		}
		snapshot("delete", n, len(m))
	case "T2", "T3":
		for k := range m {
			delete(m, k)
		}
		snapshot("range_delete", n, len(m))
	case "T4":
		for i := 0; i < n; i += 2 {
			delete(m, key(i))
		}
		snapshot("delete_even", n/2, len(m))
		for k := range m {
			delete(m, k)
		}
		snapshot("range_delete", 0, len(m))
		debug.FreeOSMemory()
		snapshot("FreeOSMemory", 0, len(m))
		m = nil
		h.m = make(map[K]V)
		debug.FreeOSMemory()
		snapshot("fresh_make+FreeOSMemory", 0, len(h.m))
		return
	case "T2K":
		count := 0
		for k := range m {
			delete(m, k)
			count++
		}
		snapshot("delete_each_in_range", count, len(m))
	}
	h.m, m = nil, nil
	snapshot("nil", 0, 0)
}

func main() {
	debug.SetGCPercent(100)
	trace, name := os.Args[1], os.Args[2]
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	self := func(i int) int { return i }
	self32 := func(i int) int32 { return int32(i) }
	self64 := func(i int) int64 { return int64(i) }
	switch name {
	case "map[int]int":
		run(trace, n, self, self)
	case "map[int32]int32":
		run(trace, n, self32, self32)
	case "map[int32]*int32":
		run(trace, n, self32, func(i int) *int32 { p := new(int32); *p = int32(i); return p })
	case "map[int64][128]byte":
		run(trace, n, self64, func(i int) [128]byte { return [128]byte{byte(i)} })
	case "map[string]string":
		run(trace, n, stringKey, stringValue)
	case "map[string][]byte":
		run(trace, n, stringKey, func(i int) []byte { b := make([]byte, 64); b[0] = byte(i); return b })
	default:
		panic(fmt.Sprintf("no such type: %s", name))
	}
	json.NewEncoder(os.Stdout).Encode(steps)
}
