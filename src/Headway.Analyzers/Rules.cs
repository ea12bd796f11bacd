using Microsoft.CodeAnalysis;

namespace Headway.Analyzers;

/// <summary>What is told of the body of a workflow. Each has a row in the guide.</summary>
internal static class Rules
{
    private const string Guide = "docs/guides/workflows.md#the-one-rule";

    public static readonly DiagnosticDescriptor Time = new(
        "HW0001", "The time of the machine in the body of a workflow", "{0} is another time whenever the body is run again: {1}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    public static readonly DiagnosticDescriptor Chance = new(
        "HW0002", "Chance in the body of a workflow", "{0} is another value whenever the body is run again: {1}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    public static readonly DiagnosticDescriptor World = new(
        "HW0003", "The world outside in the body of a workflow", "{0} touches the world again whenever the body is run again: {1}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    public static readonly DiagnosticDescriptor Leaving = new(
        "HW0004", "The body of a workflow leaves its turn", "{0} runs code outside the workflow's turn, which ends the job with workflow-outside: {1}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    public static readonly DiagnosticDescriptor Pause = new(
        "HW0005", "A pause that is not durable in the body of a workflow", "{0} waits by the machine's clock and is lost with the node: {1}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    public static readonly DiagnosticDescriptor Block = new(
        "HW0006", "The body of a workflow blocks", "{0} holds the thread that the workflow needs to go on: {1}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    public static readonly DiagnosticDescriptor Foreign = new(
        "HW0007", "The body of a workflow awaits what no verb gave", "{0} is awaited in the body of a workflow, and no verb gave it: put it in {1}.Step", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    public static readonly DiagnosticDescriptor Twice = new(
        "HW0008", "Two steps of one name at once", "Two steps named '{0}' would run at once, and the journal could not tell them apart: give each a name of its own, or use Each", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Guide);

    private const string Category = "Headway.Workflows";
}
