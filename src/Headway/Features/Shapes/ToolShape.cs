namespace Headway.Features.Shapes;

/// <summary>The forms of a tool server.</summary>
internal static class ToolShape
{
    private static readonly Key AllowedData = new("allowedData", HandlerShape.AllowedData, "Data classes the tools may see. Default public and internal, which personal and phi include.");
    private static readonly Key Timeout = new("timeout", Scalars.TimerDuration, "Of one call of a tool, and of connecting. Default 30s.");

    public static readonly Keys Http = new("mcp-server", "A server of the Model Context Protocol at an address (streamable HTTP).",
        new("mcp", Scalars.HttpUrl, "Its endpoint.") { Required = true },
        new("headers", new Named(NameRule.Header, Scalars.Text), "Extra request headers."),
        AllowedData,
        Timeout);

    public static readonly Keys Program = new("mcp-program", "A server of the Model Context Protocol as a program that is started on this machine (stdio).",
        new("command", new Listed(Scalars.Text, atLeast: 1), "The program and its arguments. It is started in the folder of the feature file.") { Required = true },
        new("environment", new Named(NameRule.Variable, Scalars.Text), "What it finds in its environment, beside PATH, HOME and the like. Nothing else of this program's environment reaches it."),
        AllowedData,
        Timeout);

    public static readonly Variants Server = new("tool-server", "a tool server: mcp with its address, or command with its program", null, Http, Program);
}
