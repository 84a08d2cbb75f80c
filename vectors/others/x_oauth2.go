// golang.org/x/oauth2, for run.py.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

type call struct {
	Do           string            `json:"do"`
	URL          string            `json:"url"`
	Auth         string            `json:"auth"`
	ClientID     string            `json:"client_id"`
	ClientSecret string            `json:"client_secret"`
	Scope        string            `json:"scope"`
	Params       map[string]string `json:"params"`
	Calls        int               `json:"calls"`
	AtOnce       bool              `json:"at_once"`
}

type answer map[string]any

func config(c call) *clientcredentials.Config {
	params := url.Values{}
	for name, value := range c.Params {
		params.Set(name, value)
	}
	style := oauth2.AuthStyleInParams
	if c.Auth == "client_secret_basic" {
		style = oauth2.AuthStyleInHeader
	}
	config := &clientcredentials.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, TokenURL: c.URL, EndpointParams: params, AuthStyle: style,
	}
	if c.Scope != "" {
		config.Scopes = strings.Split(c.Scope, " ")
	}
	return config
}

func token(c call) answer {
	token, err := config(c).Token(context.Background())
	if err != nil {
		found := answer{"error": err.Error()}
		var response *oauth2.RetrieveError
		var body struct{ Error string }
		// This version leaves the body to the caller.
		if errors.As(err, &response) && json.Unmarshal(response.Body, &body) == nil {
			found["code"] = body.Error
		}
		return found
	}
	found := answer{"token": token.AccessToken}
	if !token.Expiry.IsZero() {
		found["expires_in"] = time.Until(token.Expiry).Seconds()
	}
	return found
}

func calls(c call) answer {
	source := config(c).TokenSource(context.Background())
	var group sync.WaitGroup
	for i := 0; i < c.Calls; i++ {
		group.Add(1)
		one := func() {
			defer group.Done()
			source.Token()
		}
		if c.AtOnce {
			go one()
		} else {
			one()
		}
	}
	group.Wait()
	return answer{}
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.Encode(answer{"version": os.Args[1]})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		found := answer{"unsupported": true}
		if c.Do == "token" && c.Auth != "private_key_jwt" {
			found = token(c)
		}
		if c.Do == "calls" {
			found = calls(c)
		}
		out.Encode(found)
	}
}
