package main

import "encoding/binary"

func integer(i int) int        { return i }
func integer32(i int) int32    { return int32(i) }
func pointer32(i int) *int32   { p := new(int32); *p = int32(i); return p }
func bytes64(i int) []byte     { b := make([]byte, 64); b[0] = byte(i); return b }
func array128(i int) [128]byte { return [128]byte{byte(i)} }
func array129(i int) [129]byte { return [129]byte{byte(i)} }
func array200(i int) [200]byte { return [200]byte{byte(i)} }

// runOfType has the types that a trace may be run with: keys that Go's compiler calls a fast function for (4 or 8 plain
// bytes, strings), and those that it does not (other arrays, values of more than 128 bytes).
var runOfType = map[string]func(trace string, n int){
	"map[int]int":          integers[int](integer),
	"map[int32]int32":      integers[int32](integer32),
	"map[int32]*int32":     integers[int32](pointer32),
	"map[int64][128]byte":  integers[int64](array128),
	"map[int][129]byte":    integers[int](array129),
	"map[string]int":       strings(integer),
	"map[string]string":    strings(stringValue),
	"map[string][]byte":    strings(bytes64),
	"map[string][200]byte": strings(array200),

	"map[[4]byte]int": func(trace string, n int) {
		key := func(i int) (k [4]byte) { binary.LittleEndian.PutUint32(k[:], uint32(i)); return }
		run(trace, n, func(m map[[4]byte]int, i int) { m[key(i)] = i }, func(m map[[4]byte]int, i int) { delete(m, key(i)) })
	},
	"map[[8]byte]int": func(trace string, n int) {
		key := func(i int) (k [8]byte) { binary.LittleEndian.PutUint64(k[:], uint64(i)); return }
		run(trace, n, func(m map[[8]byte]int, i int) { m[key(i)] = i }, func(m map[[8]byte]int, i int) { delete(m, key(i)) })
	},
	"map[[12]byte]int": func(trace string, n int) {
		key := func(i int) (k [12]byte) { binary.LittleEndian.PutUint64(k[:], uint64(i)); return }
		run(trace, n, func(m map[[12]byte]int, i int) { m[key(i)] = i }, func(m map[[12]byte]int, i int) { delete(m, key(i)) })
	},
	"map[[16]byte]int":        arrays16(integer),
	"map[[16]byte]string":     arrays16(stringValue),
	"map[[64]byte]int32":      arrays64(integer32),
	"map[[136]byte]int":       arrays136(integer),
	"map[[136]byte][200]byte": arrays136(array200),
}

func arrays16[V any](value func(i int) V) func(trace string, n int) {
	key := func(i int) (k [16]byte) { binary.LittleEndian.PutUint64(k[:], uint64(i)); return }
	return func(trace string, n int) {
		run(trace, n, func(m map[[16]byte]V, i int) { m[key(i)] = value(i) }, func(m map[[16]byte]V, i int) { delete(m, key(i)) })
	}
}

func arrays64[V any](value func(i int) V) func(trace string, n int) {
	key := func(i int) (k [64]byte) { binary.LittleEndian.PutUint64(k[:], uint64(i)); return }
	return func(trace string, n int) {
		run(trace, n, func(m map[[64]byte]V, i int) { m[key(i)] = value(i) }, func(m map[[64]byte]V, i int) { delete(m, key(i)) })
	}
}

func arrays136[V any](value func(i int) V) func(trace string, n int) {
	key := func(i int) (k [136]byte) { binary.LittleEndian.PutUint64(k[:], uint64(i)); return }
	return func(trace string, n int) {
		run(trace, n, func(m map[[136]byte]V, i int) { m[key(i)] = value(i) }, func(m map[[136]byte]V, i int) { delete(m, key(i)) })
	}
}
