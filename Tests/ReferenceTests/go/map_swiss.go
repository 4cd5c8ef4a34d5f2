//go:build go1.24

package main

import "unsafe"

// swissMap is internal/runtime/maps.Map.
type swissMap struct {
	used        uint64
	seed        uintptr
	dirPtr      unsafe.Pointer
	dirLen      int
	globalDepth uint8
}

// table is internal/runtime/maps.table.
type table struct {
	used, capacity, growthLeft uint16
	localDepth                 uint8
	index                      int
}

var mapFigureNames = []string{"dirLen", "globalDepth", "tables", "capacity", "growthLeft"}

// mapFigures reads what the tables of a map are like, capacity and growthLeft summed over them; all 0 for a nil map. A
// map of one group has a capacity of 8, and no table.
func mapFigures(header unsafe.Pointer) (figures [5]int64) {
	if header == nil {
		return
	}
	m := (*swissMap)(header)
	figures[0], figures[1] = int64(m.dirLen), int64(m.globalDepth)
	if m.dirLen == 0 {
		if m.dirPtr != nil {
			figures[3] = 8
		}
		return
	}
	for i, t := range unsafe.Slice((**table)(m.dirPtr), m.dirLen) {
		if t.index == i { // Else a table that more than one entry of the directory leads to, met before.
			figures[2]++
			figures[3] += int64(t.capacity)
			figures[4] += int64(t.growthLeft)
		}
	}
	return
}
