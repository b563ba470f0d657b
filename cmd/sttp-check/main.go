// Command sttp-check tells whether a server of the Short Text Transfer Protocol
// is right.
package main

func main() {}
