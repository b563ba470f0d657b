package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"sttp"
	"sttp/client"
)

func ExampleClient() {
	server, err := listen(newMemory().serve) // stands for a server that runs elsewhere
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	c := client.New(server.address, client.Options{})
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()

	if err := c.Create(ctx, "/notes/a.txt", "Buy milk"); err != nil {
		log.Fatal(err)
	}
	text, err := c.Show(ctx, "/notes/a.txt")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)

	names, err := c.List(ctx, "/notes/")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(names)

	_, err = c.Show(ctx, "/notes/b.txt")
	fmt.Println(errors.Is(err, sttp.ErrNotFound), err)
	// Output:
	// Buy milk
	// [a.txt]
	// true 400 /notes/b.txt NOT FOUND
}

func ExampleClient_Pipeline() {
	server, err := listen(newMemory().serve)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	c := client.New(server.address, client.Options{})
	defer c.Close()

	var reqs []sttp.Request
	for i := range 3 {
		path, text := fmt.Sprintf("/snippets/%d.txt", i), fmt.Sprintf("snippet number %d", i)
		req, err := sttp.NewRequest(sttp.Create, path, text, true)
		if err != nil {
			log.Fatal(err)
		}
		reqs = append(reqs, req)
	}
	resps, err := c.Pipeline(context.Background(), reqs)
	if err != nil {
		log.Fatal(err) // a *client.PipelineError says which requests were answered
	}
	for _, resp := range resps {
		fmt.Println(resp.Status, resp.Path)
	}
	// Output:
	// 100 CREATED /snippets/0.txt
	// 100 CREATED /snippets/1.txt
	// 100 CREATED /snippets/2.txt
}
