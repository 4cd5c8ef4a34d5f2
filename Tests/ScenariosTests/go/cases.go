// The programmes of docs/cases.md, in Go, to have its figures beside Husk's:
//
//	go run cases.go CASE
//
// Each line of the answer is a row of `husk scenario public-case --case CASE`: its name, then its figures. Bytes are HeapAlloc
// less what the programme has without the map.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

var base uint64
var stats runtime.MemStats

func read() *runtime.MemStats { runtime.ReadMemStats(&stats); return &stats }

func collect() { runtime.GC(); runtime.GC() }

func row(step string, figures ...uint64) {
	fmt.Print(step)
	for _, f := range figures {
		fmt.Print("\t", int64(f))
	}
	fmt.Println()
}

func alloc() uint64 { return read().HeapAlloc - base }

// A number of 63 bits for each number of 31 and each seed.
func mix(n, seed uint64) uint64 {
	z := n + seed<<32 + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return (z ^ z>>31) >> 1
}

var strMap map[string]string

func gotchaKey(n, seed int) string {
	return strings.Repeat("a", 16) + fmt.Sprintf("%020d", mix(uint64(n), uint64(seed)))
}

func gotchas(cleared bool) []uint64 {
	const count = 1000000
	var figures []uint64
	collect()
	base = read().HeapAlloc
	strMap = make(map[string]string)
	for round := 0; round <= 12; round++ {
		if round > 0 {
			if cleared {
				for k := range strMap {
					delete(strMap, k)
				}
			} else {
				for k, _ := range strMap {
					delete(strMap, k)
				}
			}
		}
		for i := 0; i < count-round; i++ {
			strMap[gotchaKey(i, round+1)] = ""
		}
		collect()
		figures = append(figures, alloc())
	}
	strMap = nil
	return figures
}

type item [16]byte

var itemMap map[string]*item
var setMap map[int]struct{}
var intMap map[int]int
var bytesMap map[int][]byte
var podMap map[string]*[64]byte
var m120 map[[120]byte][120]byte
var m640 map[[640]byte][640]byte
var keep []int

func tombstones(slots, n int) uint64 {
	keep = make([]int, n)
	collect()
	intMap = make(map[int]int, slots*7/8)
	for i := 0; i < n; i++ {
		keep[i] = i
		intMap[i] = i
	}
	collect()
	before := read().HeapAlloc
	for i := 0; i < 100000; i++ {
		at := int(mix(uint64(i), 7) % uint64(n))
		delete(intMap, keep[at])
		keep[at] = n + i
		intMap[n+i] = n + i
	}
	collect()
	after := read().HeapAlloc
	return after - before
}

func main() {
	collect()
	switch os.Args[1] {
	case "go-gotchas":
		a := gotchas(false)
		b := gotchas(true)
		for i := range a {
			row("round "+strconv.Itoa(i), a[i], b[i])
		}
	case "lcw-45":
		const count = 1000000
		base = read().HeapAlloc
		itemMap = make(map[string]*item)
		for i := 0; i < count; i++ {
			itemMap["key-"+strconv.Itoa(i)] = new(item)
		}
		collect()
		row("filled", alloc())
		for i := 0; i < count; i++ {
			delete(itemMap, "key-"+strconv.Itoa(i))
		}
		collect()
		row("purged", alloc())
		itemMap = make(map[string]*item)
		collect()
		row("fresh", alloc())
		itemMap["x"] = nil
	case "go-70886":
		for _, c := range [][2]int{{128, 14}, {128, 56}, {128, 112}, {256, 224}} {
			row(fmt.Sprint(c), tombstones(c[0], c[1]))
		}
	case "juicefs-4491":
		const count = 1000000
		base = read().HeapAlloc
		setMap = make(map[int]struct{})
		for i := 0; i < count; i++ {
			setMap[i] = struct{}{}
		}
		collect()
		row("filled", alloc())
		for i := 0; i < count; i++ {
			delete(setMap, i)
		}
		collect()
		row("deleted", alloc())
		for i := 0; i < 1000; i++ {
			setMap[i] = struct{}{}
		}
		collect()
		row("1000", alloc())
		setMap = nil
		collect()
		row("nil", alloc())
	case "inline-values":
		const count = 100000
		base = read().HeapAlloc
		m120 = make(map[[120]byte][120]byte)
		for i := 0; i < count; i++ {
			var k [120]byte
			binary.LittleEndian.PutUint64(k[:], uint64(i))
			m120[k] = k
		}
		collect()
		row("120 filled", alloc())
		for k := range m120 {
			delete(m120, k)
		}
		collect()
		row("120 deleted", alloc())
		m120 = nil
		collect()
		m640 = make(map[[640]byte][640]byte)
		for i := 0; i < count; i++ {
			var k [640]byte
			binary.LittleEndian.PutUint64(k[:], uint64(i))
			m640[k] = k
		}
		collect()
		row("640 filled", alloc())
		for k := range m640 {
			delete(m640, k)
		}
		collect()
		row("640 deleted", alloc())
	case "go-78962":
		const count = 2000000
		base = read().HeapAlloc
		bytesMap = make(map[int][]byte)
		for i := 0; i < count; i++ {
			bytesMap[i] = make([]byte, 200)
		}
		collect()
		row("filled", alloc(), read().HeapInuse, read().HeapReleased)
		for i := 0; i < count; i++ {
			if i%20 != 0 {
				delete(bytesMap, i)
			}
		}
		collect()
		row("deleted", alloc(), read().HeapInuse, read().HeapReleased)
		debug.FreeOSMemory()
		row("freed", alloc(), read().HeapInuse, read().HeapReleased)
		fresh := make(map[int][]byte, len(bytesMap))
		for k, v := range bytesMap {
			fresh[k] = v
		}
		bytesMap = fresh
		debug.FreeOSMemory()
		row("rebuilt", alloc(), read().HeapInuse, read().HeapReleased)
		for k, v := range bytesMap {
			bytesMap[k] = append([]byte(nil), v...)
		}
		debug.FreeOSMemory()
		row("copied", alloc(), read().HeapInuse, read().HeapReleased)
	case "go-58106":
		debug.SetGCPercent(-1)
		debug.SetMemoryLimit(128 << 20)
		bytesMap = make(map[int][]byte)
		gcs := read().NumGC
		for step := 1; step <= 14; step++ {
			for i := 0; i < 10000; i++ {
				bytesMap[step*10000+i] = make([]byte, 1000)
			}
			s := read()
			row(fmt.Sprint("step ", step), s.HeapAlloc, uint64(s.NumGC-gcs))
			gcs = s.NumGC
		}
	case "gogc-300":
		for _, percent := range []int{100, 300} {
			bytesMap = make(map[int][]byte)
			for i := 0; i < 4096; i++ {
				bytesMap[i] = make([]byte, 1024)
			}
			debug.SetGCPercent(percent)
			collect()
			gcs := read().NumGC
			for r := 0; r < 100; r++ {
				for i := 0; i < 4096; i++ {
					bytesMap[i] = make([]byte, 1024)
					// As slowly as requests come in: a loop that only allocates leaves the collector behind.
					if i%256 == 255 {
						time.Sleep(time.Millisecond)
					}
				}
			}
			row(fmt.Sprint("GOGC=", percent), uint64(read().NumGC-gcs))
		}
	case "otel-47337":
		base = read().HeapAlloc
		podMap = make(map[string]*[64]byte)
		for i := 0; i < 40000; i++ {
			podMap["pod-"+strconv.Itoa(i)] = new([64]byte)
		}
		first := 0
		for round := 0; round <= 1000; round++ {
			if round > 0 {
				for i := 0; i < 4000; i++ {
					podMap["pod-"+strconv.Itoa(first+40000+i)] = new([64]byte)
				}
				for i := 0; i < 4000; i++ {
					delete(podMap, "pod-"+strconv.Itoa(first+i))
				}
				first += 4000
			}
			switch round {
			case 0, 1, 10, 50, 100, 200, 500, 1000:
				collect()
				row(fmt.Sprint("round ", round), alloc())
			}
		}
	case "utreexod-195":
		const count = 1000000
		fill := func() {
			for i := 0; i < count; i++ {
				intMap[i] = i
			}
		}
		base = read().HeapAlloc
		intMap = make(map[int]int, count)
		fill()
		collect()
		row("filled", alloc())
		for k := range intMap {
			delete(intMap, k)
		}
		row("cleared", alloc())
		collect()
		row("cleared, GC", alloc())
		fill()
		collect()
		fresh := make(map[int]int, len(intMap))
		for k, v := range intMap {
			fresh[k] = v
		}
		intMap = fresh
		fresh = nil
		row("copied", alloc())
		collect()
		row("copied, GC", alloc())
		intMap = make(map[int]int, count)
		row("fresh", alloc())
		collect()
		row("fresh, GC", alloc())
	}
	runtime.KeepAlive(intMap)
}
