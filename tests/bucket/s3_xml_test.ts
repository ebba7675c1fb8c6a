import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { escapeXml, parseXml, textIn, type XmlElement } from "../../lib/embedded/objects/s3/xml.ts";
import { expect } from "../helpers/expect.ts";

/** An element as a value: its text, or what is in it by name. */
function valueOf({ text, children }: XmlElement): unknown {
  return children.length === 0 ? text : children.map((child) => [child.name, valueOf(child)]);
}

describe("parseXml()", () => {
  it("reads an answer of S3", () => {
    const list = parseXml(`<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/" a='b'>
  <Prefix/><IsTruncated>true</IsTruncated><!-- a comment -->
  <Contents><Key>a&amp;b&#x20;&#228;&lt;</Key><ETag>&quot;e&quot;</ETag><Size>5</Size></Contents>
  <Contents><Key><![CDATA[<c>&]]></Key></Contents>
</ListBucketResult>
`);

    expect(list && valueOf(list)).toEqual([
      ["Prefix", ""],
      ["IsTruncated", "true"],
      ["Contents", [["Key", "a&b ä<"], ["ETag", '"e"'], ["Size", "5"]]],
      ["Contents", [["Key", "<c>&"]]],
    ]);
    expect([textIn(list, "IsTruncated"), textIn(list, "None"), textIn(undefined, "a")]).toEqual(["true", "", ""]);
  });

  it("refuses what is something else, is cut off, or defines entities", () => {
    const texts = [
      ...["", "text", "{}", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a/>text", "<a></a", "<a>&b;</a>", "<a>&</a>"],
      ...[
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "<!doctype html><p>Hello</p>",
        "<a b=c></a>",
        "<a>&#x110000;</a>",
      ],
      ...["<a></a/>", "<a><![CDATA[</a>", "<a><!-- </a>", "<a>".repeat(100) + "</a>".repeat(100)],
    ];
    for (const text of texts) expect([text, parseXml(text)]).toEqual([text, undefined]);
  });

  it("reads every text that can be written", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(parseXml(`<a>${escapeXml(text)}</a>`)?.text).toBe(text);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("comes to an end with texts that are made to take long", () => {
    for (const part of ["<", "<a ", "<a b='", "<!--", "<![CDATA[", "&", "<a>", "<?", " ", "<a" + " ".repeat(10)]) {
      const long = part.repeat(200_000 / part.length);
      for (const text of [`<a>${long}`, `<a ${long}`]) expect(parseXml(text)).toBe(undefined);
    }
  });
});
