package main

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestValuesComeBackEqual(t *testing.T) {
	client := dial(t)
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `""`, `[]`, `{}`,
		"\t[ ]\r\n",
		` { "b" : [1, 2.5, null] , "a" : "x" } `,
		`{"":""}`,
		`[[],{},[[{}]]]`,
		`"\"\\\/\b\f\n\r\t\u0000\u001f"`,
		`"\u00e9\u4e2d\ud83d\ude00"`,
		"\"é中😀\u2028\u2029\x7f\"",
		`"<script>&amp;</script>"`,
		`[0, -1, 1e3, 1E-3, 0.1, 123456789012, -9007199254740991]`,
		`{"a":1,"b":2,"a":{"c":3}}`,
		`{"a":{"x":1},"a":{"y":2}}`,
		`{"a":[1,2,3],"a":[4]}`,
	} {
		client.wantEcho(text)
	}
}

func TestNumbersComeBackAsTheSameDouble(t *testing.T) {
	client := dial(t)
	for _, text := range []string{
		"-0", "-0.0", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308", "0.30000000000000004", "1e-400",
		"123456789.123456789", "9007199254740993", "18446744073709551616", "1e21", "1e20", "1e-7",
		"3.14159265358979323846264338327950288",
	} {
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		answer := client.echo(text)
		got, err := strconv.ParseFloat(string(answer.body), 64)
		if err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%s came back as %s", text, answer.body)
		}
	}
}

func TestTheLastOfEqualKeysWins(t *testing.T) {
	answer := dial(t).echo(`{"a":1,"b":2,"a":3}`)
	var got map[string]float64
	if err := json.Unmarshal(answer.body, &got); err != nil || len(got) != 2 || got["a"] != 3 || got["b"] != 2 {
		t.Errorf("%s (%v)", answer.body, err)
	}
	if strings.Count(string(answer.body), `"a"`) != 1 {
		t.Errorf("copied through, not encoded anew: %s", answer.body)
	}
}

func TestWhatIsNotJSONIs400AndSaysWhere(t *testing.T) {
	client := dial(t)
	for _, text := range []string{
		"", " ", "{", "[1,]", `{"a":1,}`, `{"a"}`, `{a:1}`, `{1:1}`, `'a'`, "nul", "NaN", "Infinity", "-", "01", "1.", ".1",
		"+1", "-01", "1e", "0x1", "\"\t\"", "\"\n\"", "\"\x00\"", "1 2", "[1]]", `{}{}`, `"\x"`, `"\u12"`, `"a`, "/**/1",
		"1//", "[1e400]", "-1e400", "\"\xff\xfe\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "{\"\xff\":1}", "\xff", "1\xff",
	} {
		client.send(post("/echo", text))
		if message := client.wantError(400); !strings.ContainsAny(message, "0123456789") && text != "" {
			t.Errorf("%q: no place in %q", text, message)
		}
	}
	client.wantEcho("1")
}

func TestNesting(t *testing.T) {
	client := dial(t)
	client.wantEcho(strings.Repeat("[", 100) + strings.Repeat("]", 100))
	client.wantEcho(strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100))
	client.wantEcho(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000))
	for _, text := range []string{
		strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
		strings.Repeat("[", 500_000) + strings.Repeat("]", 500_000),
		strings.Repeat("[", 1_000_000),
		strings.Repeat(`{"a":`, 200_000),
	} {
		client.send(post("/echo", text))
		client.wantError(400)
	}
	client.wantEcho("{}")
}
