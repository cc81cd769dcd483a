// Writes expressions.json: what the reference implementation of JSONata, at the version that Step
// Functions uses, makes of each expression. Run: npm install jsonata@2.0.6 && node expressions.mjs
import jsonata from "jsonata";
import { writeFileSync } from "node:fs";

const bindings = {
  states: {
    input: {
      x: 1, name: "spring", half: 0.5, none: null, flag: true, text: "a,b,c",
      list: [3, 1, 2], empty: [], nested: { deep: { deeper: [10, 20, 30] } },
      rows: [
        { id: "a", score: 0.25, tier: "low" },
        { id: "b", score: 0.75, tier: "high" },
        { id: "c", score: 0.5, tier: "low" },
      ],
      one: [{ id: "only", score: 1 }],
      json: "{\"k\":[1,2.5,null]}",
      when: "2026-03-01T12:30:00.000Z",
    },
    result: { Payload: { verdict: "pass", rows: 100000, reasons: [] }, StatusCode: 200 },
    errorOutput: { Error: "QualityRejected", Cause: "{\"errorMessage\":\"below 0.6\"}" },
    context: {
      Execution: { Id: "arn:aws:states:x", Name: "run-7", Input: { run_id: "r1" }, StartTime: "2026-03-01T12:00:00Z" },
      State: { Name: "Train", RetryCount: 0 },
      Map: { Item: { Index: 2, Value: { shard: 4 } } },
    },
  },
  attempt: 2,
  limits: { attempts: 3 },
  shards: [0, 1, 2],
  nothing_here: null,
};

const expressions = `
$states.input.x
$states.input
$states.context.Execution.Name
$states.context.Execution.Input
$states.context.Execution.Input.run_id
$states.context.Map.Item.Value.shard
$states.result.Payload
$states.result.Payload.verdict = 'pass'
$states.errorOutput.Error
$states.errorOutput.Error in ['QualityRejected', 'FairnessRejected']
$states.input.missing
$states.input.missing.deeper
$states.input.none
$missing_variable
$attempt
$attempt + 1
$attempt * 1.5
$attempt < $limits.attempts
$attempt >= $limits.attempts and $states.input.flag
$attempt = 2 ? 'second' : 'other'
$attempt = 9 ? 'second'
$exists($states.input.x)
$exists($states.input.missing)
$exists($states.input.none)
$exists($states.input.x) ? $states.input.x : 'default'
$exists($states.input.run_id) ? $states.input.run_id : $states.context.Execution.Name
$not($exists($states.input.missing))
$merge([$states.input.nested, {'extra': 1}])
$merge([$states.context.Execution.Input, {'attempt': $attempt + 1}])
$merge([])
$count($states.input.list)
$count($states.input.empty)
$count($states.input.missing)
$count($states.input.x)
$sum($states.input.list)
$sum($states.input.rows.score)
$sum($states.input.empty)
$max($states.input.list)
$min($states.input.rows.score)
$average($states.input.list)
$string($states.input.x)
$string(0.1)
$string(1e21)
$string(1/3)
$string(100000)
$string({'a': 1, 'b': [1, 2.50]})
$string($states.input.nested)
$string(true)
$number('42')
$number('0x1F')
$number('x')
$boolean($states.input.list)
$boolean([])
$boolean('')
$map($states.input.list, function($v) { $v * 2 })
$map($states.input.list, function($v, $i) { {'index': $i, 'value': $v} })
$map([1..3], function($v) { $v })
$map($states.input.one, function($v) { $v.id })
[$map($states.input.one, function($v) { $v.id })]
$filter($states.input.rows, function($r) { $r.tier = 'low' })
$filter($states.input.rows, function($r) { $r.tier = 'high' })
$filter($states.input.rows, function($r) { $r.tier = 'none' })
$reduce([1..5], function($a, $b) { $a + $b })
$reduce([1..5], function($a, $b) { $a * $b }, 1)
$single($states.input.rows, function($r) { $r.id = 'b' })
$sift($states.input.nested, function($v, $k) { $k = 'deep' })
$each({'a': 1, 'b': 2}, function($v, $k) { $k & '=' & $v })
$keys($states.input.nested)
$keys({'a': 1, 'b': 2})
$lookup($limits, 'attempts')
$spread({'a': 1, 'b': 2})
$append([1, 2], 3)
$append($states.input.list, [4, 5])
$reverse($states.input.list)
$sort($states.input.list)
$sort($states.input.rows, function($l, $r) { $l.score > $r.score }).id
$states.input.rows^(score).id
$states.input.rows^(>score).id
$states.input.rows^(tier, >score).id
$distinct($states.input.rows.tier)
$zip([1, 2], ['a', 'b'])
[1..5]
[0..$count($shards) - 1]
[1..0]
$shards
$shards[0]
$shards[-1]
$shards[$ > 0]
$states.input.rows[tier = 'low'].id
$states.input.rows[0]
$states.input.rows[[0..1]].id
$states.input.rows.id
$states.input.one.id
$states.input.one.id[]
$states.input.rows.{'name': id, 'high': score > 0.5}
$states.input.rows{tier: $sum(score)}
$states.input.rows{id: score}
$states.input.rows.(id & ':' & score)
$states.input.rows.$string(score)
$states.input.nested.deep.deeper
$states.input.nested.deep.deeper[1]
$states.input.nested.*.deeper
$states.input.**.deeper[0]
$states.input.nested.deep.deeper.($ / 10)
{'run': $states.context.Execution.Name, 'n': $attempt}
{'kept': 1, 'dropped': $states.input.missing}
{'null': $states.input.none}
{'list': [1, 2, {'x': $attempt}]}
[$states.input.missing, 1]
[[1, 2], [3]]
[]
{}
null
true
1
1.0
1.5
-0
-1
1e3
12345678901
9007199254740991
0.1 + 0.2
7 / 2
6 / 2
7 % 3
-7 % 3
10 - 4 * 2
(10 - 4) * 2
'a' & 'b'
'a' & 1 & true
'a' & $states.input.missing
"double" & 'single'
'run-' & $states.context.Execution.Name & '/' & $attempt
'runs/' & $states.input.name & '/training/input.json'
'it\\'s'
'tab\\tnew\\nline \\u00e9'
'日本語 ' & $length('日本語')
1 = 1.0
'1' = 1
[1, 2] = [1, 2]
{'a': 1} = {'a': 1}
null = null
$states.input.none = null
$states.input.missing = null
$states.input.x != 2
1 > 2
'a' < 'b'
'a' < 1
true and false or true
$not(true)
1 in [1, 2]
'z' in ['x', 'y']
'x' in 'x'
$uppercase('abc')
$lowercase('ABC')
$trim('  a  b ')
$length('hello')
$substring('hello', 1, 3)
$substring('hello', -3)
$substringBefore('a/b/c', '/')
$substringAfter('s3://bucket/key', 's3://')
$contains('hello', 'ell')
$contains('hello', /l+o/)
$split('a,b,c', ',')
$split($states.input.text, ',')[1]
$split('s3://bucket/key/x', '/')[2]
$join(['a', 'b'], '-')
$join($states.input.rows.id, ', ')
$replace('a-b-c', '-', '_')
$replace('abc123', /[0-9]+/, '#')
$match('ab12cd34', /[0-9]+/).match
$pad('7', -3, '0')
$pad('x', 3)
$base64encode('hello')
$base64decode('aGVsbG8=')
$abs(-3)
$floor(2.7)
$ceil(2.1)
$round(2.5)
$round(3.5)
$round(1.2345, 2)
$power(2, 10)
$sqrt(16)
$toMillis('2026-03-01T12:30:00.000Z')
$toMillis($states.input.when) - $toMillis('2026-03-01T12:29:00.000Z')
$fromMillis(1772368200000)
$fromMillis(1772368200000, '[Y0001]-[M01]-[D01]')
$formatNumber(1234.5, '#,##0.00')
$formatBase(255, 16)
$formatInteger(12, 'w')
$parseInteger('twelve', 'w')
$encodeUrlComponent('a b&c')
$decodeUrlComponent('a%20b')
$encodeUrl('https://x/a b')
$type([1])
$type($states.input.none)
$type('x')
$error('broken')
$assert(1 = 2, 'must hold')
$assert(1 = 1, 'must hold')
$shuffle([])
($a := 1; $b := 2; $a + $b)
($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(5))
($shard := $states.input.rows[0]; $shard.id & '-' & $shard.tier)
$states.input.list ~> $sum()
$states.input.rows.score ~> $map(function($v) { $v * 4 }) ~> $sum()
($double := function($x) { $x * 2 } ~> $string; $double(4))
$states.input.rows ~> |$|{'seen': true}|
$states.input.nested ~> |deep|{'added': 1}, ['deeper']|
$states.input.rows#$i.{'at': $i, 'id': id}
$states.input.rows@$r.{'id': $r.id}
$states.input.nested.deep.%.deep.deeper[0]
$states.input.x.y
$states.input.list.x
$count($states.input.rows[score >= 0.5])
$states.input.rows[score > 10]
[$states.input.rows[score > 10]]
$sum('a')
'a' + 1
1 / 0
$count(1, 2, 3)
$unknown(1)
$states.input.x()
$string($states.errorOutput)
$states.errorOutput.Error & ': ' & $states.errorOutput.Cause
$merge([{'error': $states.errorOutput.Error}, {'stage': $states.context.State.Name}])
$states.input.flag ? {'a': 1} : {'b': 2}
$nothing_here
$nothing_here = null
$boolean($nothing_here)
$states.input.empty
$states.result.Payload.reasons
$count($states.result.Payload.reasons) > 0
$append($states.result.Payload.reasons, 'one')
[$states.result.Payload.reasons, 'one']
$map([0..2], function($i) { {'shard': $i, 'uri': 'runs/' & $i & '.json'} })
$map([0..-1], function($i) { $i })
$formatNumber(0.125, '0.0%')
/* comment */ 5
\`back tick\`
$states.input."name"
$states.input.\`name\`
$substring('日本語', 1, 1)
$string(123456789.123456789)
1234567.891
0.000001
1e-7
5e-324
`.split("\n").map((line) => line.trim()).filter((line) => line !== "");

const cases = [];
for (const expression of expressions) {
  try {
    const value = await jsonata(expression).evaluate(undefined, structuredClone(bindings));
    if (value === undefined || typeof value === "function") cases.push({ expression, nothing: true });
    else cases.push({ expression, value: JSON.parse(JSON.stringify(value)) });
  } catch (error) {
    cases.push({ expression, error: error.code ?? "unknown" });
  }
}
writeFileSync(new URL("expressions.json", import.meta.url), JSON.stringify({ bindings, cases }, null, 1) + "\n");
console.log(cases.length, "cases");
