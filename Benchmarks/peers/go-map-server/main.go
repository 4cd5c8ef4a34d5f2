// A map[string][]byte under a sync.RWMutex behind net/http: what a Go programmer would write in Husk's place.
//
//	go build -o go-map-server . && GOMAXPROCS=2 ./go-map-server -port 8082
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
)

type store struct {
	sync.RWMutex
	values map[string][]byte
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/map/keys/")
	switch r.Method {
	case http.MethodGet:
		s.RLock()
		value, ok := s.values[key]
		s.RUnlock()
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(value)
	case http.MethodPut:
		value, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Lock()
		_, ok := s.values[key]
		s.values[key] = value
		s.Unlock()
		if ok {
			w.WriteHeader(http.StatusNoContent)
		} else {
			w.WriteHeader(http.StatusCreated)
		}
	default:
		w.Header().Set("Allow", "GET, PUT")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func main() {
	port := flag.Int("port", 8082, "the port on 127.0.0.1")
	keys := flag.Int("keys", 0, "how many keys k0, k1, … to begin with, each with a value of 16 bytes")
	flag.Parse()
	s := &store{values: make(map[string][]byte)}
	for i := 0; i < *keys; i++ {
		s.values[fmt.Sprintf("k%d", i)] = make([]byte, 16)
	}
	http.Handle("/map/keys/", s)
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), nil))
}
