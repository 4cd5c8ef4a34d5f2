// Time of runtime.GC() with ten million entries held, as Benchmarks/gc-time/swift measures Husk's: one line for each
// structure and number of processors, "name procs median-microseconds".
package main

import (
	"fmt"
	"runtime"
	"sort"
	"time"
)

const entries = 10_000_000

type pair struct{ key, value int32 }

func measure(name string, held any) {
	for _, procs := range []int{1, 2} {
		runtime.GOMAXPROCS(procs)
		runtime.GC()
		var micros []float64
		for i := 0; i < 9; i++ {
			start := time.Now()
			runtime.GC()
			micros = append(micros, float64(time.Since(start).Nanoseconds())/1000)
		}
		sort.Float64s(micros)
		fmt.Printf("%s %d %.1f\n", name, procs, micros[4])
	}
	runtime.KeepAlive(held)
}

func main() {
	pointers := make(map[int32]*int32, entries)
	for i := int32(0); i < entries; i++ {
		value := i
		pointers[i] = &value
	}
	measure("map[int32]*int32", pointers)
	pointers = nil

	values := make(map[int32]int32, entries)
	for i := int32(0); i < entries; i++ {
		values[i] = i
	}
	measure("map[int32]int32", values)
	values = nil

	shards := make([]map[int32]int32, 64)
	for i := range shards {
		shards[i] = make(map[int32]int32, entries/64)
	}
	for i := int32(0); i < entries; i++ {
		shards[i%64][i] = i
	}
	measure("64-shards", shards)
	shards = nil

	slice := make([]pair, entries)
	for i := range slice {
		slice[i] = pair{int32(i), int32(i)}
	}
	measure("slice", slice)
}
