package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
	"sttp/cache/redis"
	"sttp/internal/config"
)

// openCaches puts the caches of the settings in front of next, which answers from
// the store with that id. Redis need not be there. What is returned has to be
// closed when the Handler is not used any more.
func openCaches(next sttp.Handler, storeID string, settings config.Cache, log *slog.Logger) (sttp.Handler, io.Closer, error) {
	if !settings.Enabled {
		return next, cache.None, nil
	}
	entries := cache.None
	if settings.Backend != config.CacheRedis {
		entries = memory.New(memoryOptions(settings))
	}
	if settings.Backend == config.CacheMemory {
		return cache.NewHandler(next, entries), entries, nil
	}
	remote, err := redis.Open(redisOptions(settings, storeID, log))
	if err != nil {
		entries.Close()
		return nil, nil, fmt.Errorf("the cache in Redis cannot be used: %w", err)
	}
	front := cache.NewHandler(cache.NewRemoteHandler(next, remote), entries)
	remote.Tell(front)
	return front, closers{remote, entries}, nil
}

func memoryOptions(settings config.Cache) memory.Options {
	return memory.Options{
		MaxEntries: settings.MaxFiles,
		MaxBytes:   settings.MaxSize,
		Expiration: settings.Expiration,
	}
}

func redisOptions(settings config.Cache, storeID string, log *slog.Logger) redis.Options {
	o := redis.Options{
		Address:    settings.Redis.Address,
		Username:   settings.Redis.Username,
		Password:   string(settings.Redis.Password),
		DB:         settings.Redis.DB,
		Prefix:     settings.Redis.Prefix,
		StoreID:    storeID,
		Timeout:    settings.Redis.Timeout,
		Expiration: settings.Expiration,
		Logger:     log,
	}
	if settings.Redis.TLS {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return o
}

// closers are closed in their order.
type closers []io.Closer

// Close closes all of them, and returns what went wrong.
func (c closers) Close() error {
	var all []error
	for _, closer := range c {
		all = append(all, closer.Close())
	}
	return errors.Join(all...)
}
