// SPDX-License-Identifier: Apache-2.0

// A client of Tidemark in one file, with nothing but the standard library
// (Go 1.19 and newer).  Copy it into a program, or run it:
//
//	TIDEMARK_API_KEY=tm-... go run tidemark.go BASE "QUESTION" FILE...
//
// It makes the base when it is missing, sends the files, says how far they
// are, names those that failed and prints what answers the question best.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Error is what the server refused.
type Error struct {
	Status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Job is how far an indexing job has come.
type Job struct {
	ID       string  `json:"id"`
	State    string  `json:"state"`
	Revision int64   `json:"revision"`
	Percent  float64 `json:"percent"`
	Counts   struct {
		Total, Queued, Processing, Completed, Failed, Skipped,
		Cancelled int64
	} `json:"counts"`
	FinishedAt *string `json:"finished_at"`
}

// Item is one document within a job.
type Item struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Error *Error `json:"error"`
}

// Result is one segment that answers a query.
type Result struct {
	DocumentID string   `json:"document_id"`
	Name       string   `json:"name"`
	Score      float64  `json:"score"`
	Text       string   `json:"text"`
	Section    []string `json:"section"`
}

// Client talks to one server.
type Client struct {
	URL, Key string
	HTTP     http.Client
}

// New returns a client of the server at url.
func New(url, key string) *Client {
	return &Client{URL: strings.TrimRight(url, "/"), Key: key,
		HTTP: http.Client{Timeout: 90 * time.Second}}
}

func (c *Client) send(method, path, mediaType string, body io.Reader,
	answer any) error {
	request, err := http.NewRequest(method, c.URL+"/tidemark/v1"+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.Key)
	if body != nil {
		request.Header.Set("Content-Type", mediaType)
	}
	reply, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode < 300 {
		return json.NewDecoder(reply.Body).Decode(answer)
	}
	refused := struct{ Error Error }{}
	if err := json.NewDecoder(reply.Body).Decode(&refused); err != nil {
		return err
	}
	refused.Error.Status = reply.StatusCode
	return &refused.Error
}

// Call makes one request below /tidemark/v1; body may be nil.
func (c *Client) Call(method, path string, body, answer any) error {
	if body == nil {
		return c.send(method, path, "", nil, answer)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(method, path, "application/json",
		bytes.NewReader(text), answer)
}

// EnsureBase makes the base when there is none of that name.
func (c *Client) EnsureBase(name string) error {
	var base map[string]any
	err := c.Call("POST", "/bases", map[string]string{"name": name}, &base)
	var refused *Error
	if errors.As(err, &refused) && refused.Code == "NAME_TAKEN" {
		return nil
	}
	return err
}

// PutFiles indexes files; the job has not ended yet.
func (c *Client) PutFiles(base string, paths []string) (*Job, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		part, err := form.CreateFormFile("file", filepath.Base(path))
		if err == nil {
			_, err = io.Copy(part, file)
		}
		file.Close()
		if err != nil {
			return nil, err
		}
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	var answer struct{ Job *Job }
	err := c.send("POST", "/bases/"+url.PathEscape(base)+"/documents",
		form.FormDataContentType(), &body, &answer)
	return answer.Job, err
}

// Watch calls told with the job each time that it has changed, until it has
// ended, and returns it as it ended.
func (c *Client) Watch(job *Job, told func(*Job)) (*Job, error) {
	for {
		told(job)
		if job.FinishedAt != nil {
			return job, nil
		}
		next := &Job{}
		err := c.Call("GET", fmt.Sprintf("/jobs/%s?after=%d&wait=60",
			job.ID, job.Revision), nil, next)
		if err != nil {
			return nil, err
		}
		job = next
	}
}

// Items are all items of the job in that state, page after page.
func (c *Client) Items(job *Job, state string) ([]Item, error) {
	var items []Item
	path := "/jobs/" + job.ID + "/items?limit=1000&state=" + state
	for cursor := ""; ; {
		var page struct {
			Items      []Item
			NextCursor *string `json:"next_cursor"`
		}
		if err := c.Call("GET", path+cursor, nil, &page); err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if page.NextCursor == nil {
			return items, nil
		}
		cursor = "&cursor=" + url.QueryEscape(*page.NextCursor)
	}
}

// Query returns the best segments.
func (c *Client) Query(base, text string, limit int) ([]Result, error) {
	var answer struct{ Results []Result }
	err := c.Call("POST", "/bases/"+url.PathEscape(base)+"/query",
		map[string]any{"query": text, "limit": limit}, &answer)
	return answer.Results, err
}

func run(base, question string, paths []string) error {
	address := os.Getenv("TIDEMARK_URL")
	if address == "" {
		address = "http://127.0.0.1:8420"
	}
	client := New(address, os.Getenv("TIDEMARK_API_KEY"))
	if err := client.EnsureBase(base); err != nil {
		return err
	}
	job, err := client.PutFiles(base, paths)
	if err != nil {
		return err
	}
	job, err = client.Watch(job, func(job *Job) {
		fmt.Fprintf(os.Stderr, "%s %.1f %%\n", job.State, job.Percent)
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d of %d completed\n", job.Counts.Completed,
		job.Counts.Total)
	failed, err := client.Items(job, "failed")
	if err != nil {
		return err
	}
	for _, item := range failed {
		fmt.Printf("failed: %s: %s: %s\n", item.Name, item.Error.Code,
			item.Error.Message)
	}
	results, err := client.Query(base, question, 3)
	for _, result := range results {
		text := []rune(strings.Join(strings.Fields(result.Text), " "))
		if len(text) > 60 {
			text = text[:60]
		}
		fmt.Printf("%.3f %s: %s\n", result.Score, result.Name,
			string(text))
	}
	return err
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: tidemark.go BASE QUESTION FILE...")
		os.Exit(2)
	}
	err := run(os.Args[1], os.Args[2], os.Args[3:])
	var refused *Error
	if errors.As(err, &refused) {
		fmt.Fprintln(os.Stderr, "the server said:", err)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "that did not work:", err)
	}
	if err != nil {
		os.Exit(1)
	}
}
