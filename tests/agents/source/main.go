// What Go's standard library, which the agents are built with, makes of an input.
//
// Without arguments: one JSON object a line in, one a line out; nothing here judges, and a question
// that cannot be read is an answer with "error". With the argument "ask": see ask.go.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"time"
)

type question struct {
	What   string   `json:"what"`
	Https  string   `json:"https_proxy"`
	Http   string   `json:"http_proxy"`
	No     string   `json:"no_proxy"`
	Urls   []string `json:"urls"`
	Data   []byte   `json:"data"`
	Roots  [][]byte `json:"roots"`
	Chain  [][]byte `json:"chain"`
	Host   string   `json:"host"`
	Time   string   `json:"time"`
	Answer []byte   `json:"answer"`
	Scheme string   `json:"scheme"`
	Login  string   `json:"login"`
}

type answer map[string]any

func main() {
	if len(os.Args) > 2 && os.Args[1] == "ask" {
		limit, err := time.ParseDuration(os.Args[2])
		if err != nil {
			os.Exit(2)
		}
		ask(limit, os.Args[3:])
		return
	}
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		text, err := lines.ReadBytes('\n')
		if len(text) > 0 {
			encoded, _ := json.Marshal(read(text))
			out.Write(append(encoded, '\n'))
			if lines.Buffered() == 0 {
				out.Flush()
			}
		}
		if err != nil {
			return
		}
	}
}

func read(text []byte) answer {
	var asked question
	if bad := json.Unmarshal(text, &asked); bad != nil {
		return answer{"error": bad.Error()}
	}
	switch asked.What {
	case "proxy":
		return proxies(asked)
	case "bundle":
		return bundle(asked.Data)
	case "chain":
		return chain(asked)
	case "tunnel":
		return tunnel(asked)
	}
	return answer{"error": "unknown question " + asked.What}
}
