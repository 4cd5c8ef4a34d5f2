//go:build !go1.24

package main

import "unsafe"

// hmap is runtime.hmap.
type hmap struct {
	count      int
	flags      uint8
	B          uint8
	noverflow  uint16
	hash0      uint32
	buckets    unsafe.Pointer
	oldbuckets unsafe.Pointer
}

var mapFigureNames = []string{"B", "noverflow", "growing"}

// mapFigures reads what the table of a map is like; all 0 for a nil map.
func mapFigures(header unsafe.Pointer) (figures [5]int64) {
	if header == nil {
		return
	}
	h := (*hmap)(header)
	figures[0], figures[1] = int64(h.B), int64(h.noverflow)
	if h.oldbuckets != nil {
		figures[2] = 1
	}
	return
}
