package main

import "unsafe"

// mix is the finaliser of SplitMix64: key i is mix(i), here and in ../swift/Keys.swift.
func mix(value uint64) uint64 {
	mixed := value + 0x9E3779B97F4A7C15
	mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9
	mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB
	return mixed ^ (mixed >> 31)
}

// shuffled is 0 … count-1 in an order of its own.
func shuffled(count int) []int {
	order := make([]int, count)
	for i := range order {
		order[i] = i
	}
	for i := count - 1; i > 0; i-- {
		j := int(mix(uint64(i)) % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// keySet is the keys of one run: in the order of inserting, in another order, and as many that are not in the map.
type keySet[Key any] struct{ inserted, used, missing []Key }

func intKeys(count int) keySet[int64] {
	keys := keySet[int64]{make([]int64, count), make([]int64, count), make([]int64, count)}
	order := shuffled(count)
	for i := 0; i < count; i++ {
		keys.inserted[i] = int64(mix(uint64(i)))
		keys.used[i] = int64(mix(uint64(order[i])))
		keys.missing[i] = int64(mix(uint64(count + i)))
	}
	return keys
}

const keyBytes = 16

// text is a 16-byte key: a request's bytes, which no map has made a string of yet.
type text [keyBytes]byte

// borrowed is the key as a string without a copy: for everything but inserting.
func (t *text) borrowed() string { return unsafe.String(&t[0], keyBytes) }

func makeText(number uint64) (t text) {
	for i := range t {
		t[i] = "0123456789abcdef"[mix(number)>>(60-4*i)&15]
	}
	return t
}

func textKeys(count int) keySet[text] {
	keys := keySet[text]{make([]text, count), make([]text, count), make([]text, count)}
	order := shuffled(count)
	for i := 0; i < count; i++ {
		keys.inserted[i] = makeText(uint64(i))
		keys.used[i] = makeText(uint64(order[i]))
		keys.missing[i] = makeText(uint64(count + i))
	}
	return keys
}
