using Headway.Features;

namespace Headway.Tests.Features;

/// <summary>Each kind of mistake in the steps of a workflow. The sign § stands where the finding must point; it is not part of the file.</summary>
public sealed class StepMistakeTests : IDisposable
{
    private readonly FileFolder _folder = new FileFolder().With("p.hbs", "Say {{word}}").With("after.hbs", "Say {{#each steps.x.list}}{{this}}{{/each}}").With("item.hbs", "Say {{item}}").With("s.json", "{}");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> OfKeys => new()
    {
        { "key-missing", "- x: §{ within: 3d }", "features.a.handler.steps[0].x does not say what it is; expected a step: prompt, http, feature, signal, approval, delay, parallel, race or when." },
        { "key-unknown", "- x: { §prompd: p.hbs, models: [m] }", "did you mean 'prompt'?" },
        { "key-unknown", "- x: { signal: go, §withn: 3d }", "features.a.handler.steps[0].x has no key 'withn': did you mean 'within'?" },
        { "key-unknown", "- x: { prompt: p.hbs, models: [m], §stream: hold }", "has no key 'stream'" },
        { "key-unknown", "- x: { feature: b, §models: [m] }", "has no key 'models'" },
        { "key-unknown", "- x: { parallel: { y: { delay: 1s }, z: [ { w: { §dela: 1s } } ] } }", "features.a.handler.steps[0].x.parallel.z[0].w has no key 'dela': did you mean 'delay'?" },
        { "key-unknown", "- x: { when: \"{{input.v}}\", then: [ y: { delay: 1s } ], §else: [ z: { delay: 1s } ] }", "has no key 'else'" },
        { "key-missing", "- x: §{ when: \"{{input.v}}\" }", "needs the key 'then'" },
        { "key-missing", "- x: §{ prompt: p.hbs }", "needs the key 'models'" },
        { "key-duplicate", "- x: { feature: b, input: { c: 1, §c: 2 } }", "has 'c' twice" },
        { "key-duplicate", "- x: { delay: 1s }\n- §x: { delay: 1s }", "there is a step 'x' already" },
        { "key-duplicate", "- x: { delay: 1s }\n- y: { when: \"{{input.v}}\", then: [ §x: { delay: 1s } ] }", "there is a step 'x' already" },
        { "key-duplicate", "- x: { race: { y: { delay: 1s }, §y: { delay: 2s } } }", "has 'y' twice" },
        { "name-invalid", "- §First_Step: { delay: 1s }", "lowercase words joined by hyphens" },
    };

    public static TheoryData<string, string, string> OfValues => new()
    {
        { "value-invalid", "- §{ x: { delay: 1s }, y: { delay: 1s } }", "a step is one name and what it does" },
        { "value-invalid", "- x: { delay: §soon }", "expected a duration such as" },
        { "value-invalid", "- x: { signal: go, within: §3 }", "expected a duration such as" },
        { "value-unknown", "- x: { signal: go, within: 3d, otherwise: §dead-leter }", "did you mean 'dead-letter'? Expected dead-letter, continue, or a list of steps." },
        { "value-invalid", "- x: { signal: go, within: 3d, otherwise: §[] }", "is empty" },
        { "value-invalid", "- x: { signal: go, otherwise: §continue }", "say how long under `within`" },
        { "value-invalid", "- x: { feature: b, concurrency: §4 }", "there is no `each`" },
        { "value-invalid", "- x: { each: \"{{input}}\", feature: b, concurrency: §0 }", "a whole number from 1 to 1024" },
        { "value-invalid", "- x: { parallel: §{ y: { delay: 1s } } }", "'x' has 1 branches; side by side are two or more" },
        { "value-invalid", "- x: { parallel: { y: §[], z: { delay: 1s } } }", "is empty" },
        { "value-invalid", "- x: { when: \"{{input.v}}\", then: §[] }", "is empty" },
        { "value-invalid", "- x: { when: \"{{input.v}}\", is: a, above: §1, then: [ y: { delay: 1s } ] }", "say one of the two" },
        { "yaml-key", "- x: { each: {§{input.list}}, feature: b }", "put a template into quotes" },
        { "value-invalid", "- x: { prompt: p.hbs, models: [m], files: §maybe }", "expected true or false" },
        { "template-invalid", "- x: { feature: b, input: §\"{{#if}\" }", "'{{#if}'" },
        { "template-invalid", "- x: { each: §\"all of {{input.list}}\", feature: b }", "name a list, and nothing else" },
        { "template-invalid", "- x: { when: §always, then: [ y: { delay: 1s } ] }", "which is always the same" },
    };

    public static TheoryData<string, string, string> OfNames => new()
    {
        { "step-unknown", "- split: { delay: 1s }\n- y: { feature: b, input: { c: [ §\"{{steps.splitt.x}}\" ] } }", "there is no step 'splitt': did you mean 'split'?" },
        { "step-unknown", "- y: { each: §\"{{steps.x.list}}\", feature: b }", "there is no step 'x': there are none." },
        { "step-later", "- x: { feature: b, input: §\"{{steps.y}}\" }\n- y: { delay: 1s }", "the step 'y' has not ended there" },
        { "step-later", "- x: { feature: b, input: §\"so {{steps.x}}\" }", "the step 'x' has not ended there" },
        { "step-later", "- p: { parallel: { one: [ x: { delay: 1s } ], two: { feature: b, input: §\"{{steps.x}}\" } } }", "the step 'x' has not ended there" },
        { "step-out-of-sight", "- w: { when: \"{{input.v}}\", then: [ x: { delay: 1s } ] }\n- y: { feature: b, input: §\"{{steps.x}}\" }", "the step 'x' lies in 'w', and may not have been done; name steps.w" },
        { "step-later", "- y: { prompt: §after.hbs, models: [m] }\n- x: { delay: 1s }", "the prompt template after.hbs: the step 'x' has not ended there" },
        { "step-out-of-sight", "- p: { parallel: { one: { when: \"{{input.v}}\", then: [ x: { delay: 1s } ] }, two: { delay: 1s } } }\n- y: { feature: b, input: §\"{{steps.x}}\" }", "the step 'x' lies in 'p'" },
        { "variable-in-step", "- x: { feature: b, input: { key: §\"${TOKEN}\" } }", "'${TOKEN}' would be kept with every job" },
        { "variable-in-step", "- x: { when: §\"{{input.v}} ${TOKEN}\", then: [ y: { delay: 1s } ] }", "would be kept with every job" },
        { "template-invalid", "- x: { signal: §\"go-{{input.id}}\" }", "the name of a signal is the same for every job" },
        { "step-unknown", "- w: { signal: go, within: 1d, otherwise: [ y: { prompt: §after.hbs, models: [m] } ] }", "the prompt template after.hbs: there is no step 'x'" },
        { "template-name-unknown", "- x: { feature: b, input: §\"{{inptu.x}}\" }", "nothing is known as 'inptu' in '{{inptu.x}}': did you mean 'input'?" },
        { "template-name-unknown", "- x: { feature: b, input: { y: §\"{{item.x}}\" } }", "there is no `each` here" },
        { "template-name-unknown", "- x: { prompt: §item.hbs, models: [m] }", "there is no `each` here" },
        { "template-name-unknown", "- x: { each: §\"{{item}}\", feature: b }", "there is no `each` here" },
        { "model-unknown", "- x: { race: { y: [ z: { prompt: p.hbs, models: [§n] } ], w: { delay: 1s } } }", "there is no model 'n'" },
        { "feature-unknown", "- x: { signal: go, within: 1d, otherwise: [ y: { feature: §bb } ] }", "there is no feature 'bb': did you mean 'b'?" },
        { "feature-unknown", "- x: { parallel: { y: { feature: §bb }, z: { delay: 1s } } }", "there is no feature 'bb'" },
        { "tool-server-unknown", "- x: { prompt: p.hbs, models: [m], tools: [§drugs] }", "there is no tool server 'drugs'" },
        { "file-missing", "- x: { prompt: §none.hbs, models: [m] }", "there is no prompt template none.hbs" },
        { "file-missing", "- x: { prompt: p.hbs, models: [m], output: §none.json }", "there is no schema none.json" },
        { "step-feature-mode", "- §x: { feature: inline }", "the step 'x' calls inline, which is sync; a workflow calls async and hybrid features" },
        { "step-cycle", "- §x: { feature: a }", "comes back to this one: a, a." },
        { "step-cycle", "- x: { delay: 1s }\n- §y: { each: \"{{input}}\", feature: back }", "comes back to this one: a, back, a." },
        { "value-invalid", "- §x: { prompt: p.hbs, models: [m, m] }", "the model m is named twice" },
        { "secret-literal", "- x: { http: \"http://s/x\", headers: { Authorization: §Bearer abc } }", "put it into the environment" },
    };

    [Theory]
    [MemberData(nameof(OfKeys))]
    [MemberData(nameof(OfValues))]
    [MemberData(nameof(OfNames))]
    public void A_mistake_is_reported_at_its_place_with_its_cure(string code, string marked, string says)
    {
        _folder.Environment["TOKEN"] = "secret";
        var file = File(marked);
        var before = file[..file.IndexOf('§', StringComparison.Ordinal)].Split('\n');

        var reading = _folder.Read(file.Replace("§", "", StringComparison.Ordinal));

        reading.File.ShouldBeNull();
        var found = reading.Findings.Where(finding => finding.Code == code && finding.Message.Contains(says, StringComparison.Ordinal)).ToList();
        found.ShouldNotBeEmpty(string.Join('\n', reading.Findings));
        (found[0].Line, found[0].Column, found[0].Severity).ShouldBe((before.Length, before[^1].Length + 1, Severity.Error));
    }

    [Theory]
    [InlineData("signal-unbounded", "{ mode: async }", "- §x: { signal: go }", "say `within`, or `deliverWithin` in the contract")]
    [InlineData("signal-late", "{ mode: async, deliverWithin: 1d }", "- §x: { approval: go, within: 3d }", "may wait 3 days for its approval, and the contract promises the result within 24 h")]
    [InlineData("contract-steps", "{ mode: async, deliverWithin: 1d, steps: §2 }", "- x: { parallel: { y: { delay: 1s }, z: { delay: 1s } } }", "the contract says 2 steps, and there are 3")]
    [InlineData("contract-approval", "{ mode: async, deliverWithin: 1d, approval: §true }", "- x: { delay: 1s }", "no step waits for one")]
    public void What_a_contract_says_otherwise_is_warned_of(string code, string contract, string steps, string says)
    {
        var file = File(steps, contract);
        var before = file[..file.IndexOf('§', StringComparison.Ordinal)].Split('\n');

        var finding = _folder.Read(file.Replace("§", "", StringComparison.Ordinal)).Findings.ShouldHaveSingleItem();

        (finding.Code, finding.Severity, finding.Line, finding.Column).ShouldBe((code, Severity.Warning, before.Length, before[^1].Length + 1));
        finding.Message.ShouldContain(says);
    }

    [Fact]
    public void What_the_answer_is_made_of_names_steps_that_have_ended()
    {
        var file = File("- x: { delay: 1s }") + "\n      result: { a: \"{{steps.x}}\", b: \"{{steps.z}}\" }";

        var finding = _folder.Read(file).Findings.ShouldHaveSingleItem();

        (finding.Code, finding.Line).ShouldBe(("step-unknown", file.Split('\n').Length));
    }

    [Fact]
    public void A_workflow_with_every_kind_of_step_is_right()
    {
        var version = _folder.Valid(File("""
            - x: { prompt: p.hbs, models: [m], output: s.json, maxTokens: 100 }
            - y: { each: "{{steps.x.list}}", http: "http://127.0.0.1:9/x", group: { upTo: 8, within: 5ms }, concurrency: 4, input: { of: "{{item}}" } }
            - z: { each: "{{steps.y}}", prompt: item.hbs, models: [m] }
            - ask: { approval: legal, within: 1h, otherwise: [ why: { feature: b, input: "{{steps.ask.reason}}" }, end: { delay: 1s } ] }
            - fork: { when: "{{steps.ask.granted}}", is: true, then: [ c: { feature: b } ], otherwise: [ d: { signal: go, within: 1m, otherwise: continue } ] }
            - both: { parallel: { one: { feature: b }, two: [ e: { delay: 1s }, f: { race: { g: { signal: now }, h: { delay: 1h } } } ] } }
            """)).Features["a"].Latest;

        var steps = version.Handler.ShouldBeOfType<StepsDefinition>();
        steps.All.Select(step => step.Path).ShouldBe(["x", "y", "z", "ask", "ask/why", "ask/end", "fork", "fork/c", "fork/d", "both", "both/one", "both/two/e", "both/two/f", "both/two/f/g", "both/two/f/h"]);
        steps.Models.Concat(steps.Features).ShouldBe(["m", "b"]);
        steps.All.OfType<WorkStep>().First(step => step.Name == "y").Input.ShouldBe("""{"of":"{{item}}"}""");
    }

    private static string File(string steps, string contract = "{ mode: async, deliverWithin: 1d }") => $$"""
        models: { m: { provider: rehearsal } }
        features:
          b: { contract: { mode: async, deliverWithin: 1m }, handler: code }
          back: { contract: { mode: hybrid, deliverWithin: 1m }, handler: { steps: [ again: { feature: a } ] } }
          inline: { contract: { mode: sync, acceptableWait: 1s }, handler: code }
          a:
            contract: {{contract}}
            handler:
              steps:
        {{string.Join('\n', steps.Split('\n').Select(line => "        " + line))}}
        """;
}
