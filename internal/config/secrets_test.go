package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"sttp/internal/config"
)

const password = "hunter2 # \"it's\" me"

func TestAPasswordIsSetByAllThreeAndPrintedByNone(t *testing.T) {
	file := write(t, "cache:\n  redis:\n    password: '"+strings.ReplaceAll(password, "'", "''")+"'\n")
	for _, l := range []*config.Loaded{
		mustLoad(t, []string{"--config", file}, nil),
		mustLoad(t, nil, []string{"STTP_CACHE_REDIS_PASSWORD=" + password}),
		mustLoad(t, []string{"--cache-redis-password", password}, nil),
	} {
		if got := string(l.Settings.Cache.Redis.Password); got != password {
			t.Errorf("the password is %q", got)
		}
		asJSON, err := json.Marshal(l.Settings)
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "redis", l.Settings.Cache.Redis, "password", l.Settings.Cache.Redis.Password)
		slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "redis", l.Settings.Cache.Redis, "password", l.Settings.Cache.Redis.Password)
		for _, text := range []string{printed(t, l), fmt.Sprintf("%v %+v %#v", l.Settings, l.Settings, l.Settings), string(asJSON), log.String()} {
			if strings.Contains(text, "hunter2") {
				t.Errorf("the password is printed: %s", text)
			}
		}
	}
}

func TestPrintedSettingsWithAPasswordLoadAndLeaveItToTheVariable(t *testing.T) {
	environ := []string{"STTP_CACHE_REDIS_PASSWORD=" + password}
	before := mustLoad(t, []string{"--cache-redis-db=3"}, environ)
	text := printed(t, before)
	if want := "\n    # password is set and not shown # variable STTP_CACHE_REDIS_PASSWORD\n"; !strings.Contains(text, want) {
		t.Errorf("no line is %q:\n%s", want, text)
	}
	if after := mustLoad(t, []string{"--config", write(t, text)}, environ); after.Settings != before.Settings {
		t.Errorf("%+v becomes %+v", before.Settings, after.Settings)
	}
}

func TestNoErrorShowsAPassword(t *testing.T) {
	for _, file := range []string{
		"cache: {redis: {password: hunter2, dbx: 1}}",
		"cache: {redis: {password: hunter2, db: x}}",
		"cache: {redis: {password:\n hunter2, db: x}}",
		"cache:\n  redis:\n    password:\n      hunter2: 1",
		"cache:\n  redis:\n    password: [hunter2]",
		"cache:\n  redis:\n    password: |\n      hunter2",
		"cache:\n  redis:\n    password: 'hunter2",
		"cache:\n  redis:\n    password: \"x\n      hunter2\" x",
		"cache:\n  redis:\n    password: hunter2: x",
		"cache:\n  redis:\n    password: !hunter2",
		"cache:\n  redis:\n    password: &hunter2 x",
		"cache:\n  redis:\n    password: @hunter2",
		"cache:\n  redis:\n    password:hunter2\n",
		"cache:\n  redis:\n   password: hunter2\n    db: 1",
		"cache:\n  redis:\n\tpassword: hunter2",
		"cache:\n  redis:\n    pasword: hunter2",
		"cache:\n  redis:\n    PASSWORD: hunter2",
		"cache:\n  redis:\n    passwd: hunter2",
		"cache:\n  redis_password: hunter2",
		"cache:\n  redis:\n    password: hunter2\x01",
		"cache:\n  redis:\n    password: " + strings.Repeat("hunter2", 100),
	} {
		_, err := config.Decode("sttp.yaml", []byte(file))
		if err == nil {
			t.Errorf("%q is accepted", file)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q is told as\n%v", file, err)
		}
	}
	for _, text := range []string{"hunter2\n", "hunter2\xff", strings.Repeat("hunter2", 100)} {
		_, err := load(t, []string{"--cache-redis-password", text}, []string{"STTP_CACHE_REDIS_PASSWORD=" + text})
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Count(err.Error(), "what is given") != 2 {
			t.Errorf("%q is told as\n%v", text, err)
		}
	}
}
