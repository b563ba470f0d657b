package check_test

import "sttp/internal/check/zoo"

var findings = map[zoo.Fault]finding{}
