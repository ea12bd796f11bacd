using System.Net;
using Headway.Features;
using ModelContextProtocol;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>Why an attempt cannot go on with its tools, with stable codes. What a tool itself says is told to the model and is none of these.</summary>
internal static class ToolFailures
{
    public static Failure Unknown(string server) => Of("tool-server-unknown", FailureKind.Permanent, server,
        $"The feature file has no tool server '{server}' any more: put it back, or take it out of the feature.");

    public static Failure DataNotAllowed(ToolServerDefinition server, DataClass data) => Of("data-not-allowed", FailureKind.Permanent, server.Name,
        $"The tool server '{server.Name}' may not see {Words.Of(data)} data: add it to its allowedData if the agreement covers it, or leave its tools out.");

    /// <summary>Servers change while they are deployed, so the next attempt may find it.</summary>
    public static Failure Missing(ToolName name, IReadOnlyCollection<string> known) => Of("tool-missing", FailureKind.Unavailable, name.Server,
        $"The tool server '{name.Server}' has no tool '{name.Tool}': {Spelling.Hint(name.Tool!, known)}");

    /// <summary>Servers are mended while they are deployed.</summary>
    public static Failure Ambiguous(string server, string tool) => Of("tool-unavailable", FailureKind.Unavailable, server,
        $"The tool server '{server}' describes what its tool '{tool}' takes in JSON that can be read in two ways: a member is there twice.");

    public static Failure TooMany(string said) => Of("tools-too-many", FailureKind.Permanent, "tools", $"{said}: name the tools that are meant (SERVER/TOOL) under `tools` of the feature.");

    public static Failure RoundsExhausted(string feature, int rounds) => Of("tool-rounds-exhausted", FailureKind.Permanent, feature,
        $"The model called tools {rounds} times over and would call more before it answers: raise toolRounds, ask for less, or say in the prompt when to stop.");

    public static Failure TimedOut(ToolServerDefinition server, string what) => Of("tool-timeout", FailureKind.Timeout, server.Name,
        $"The tool server '{server.Name}' did not {what} within {Duration.Say(server.Timeout)}: is it up? Raise its timeout if it may take longer.");

    /// <summary>Nothing of what a server or a library says about it is repeated: it may hold headers or data.</summary>
    public static Failure OfException(ToolServerDefinition server, Exception exception) => exception switch
    {
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } refused => Of("tool-unauthorized", FailureKind.Permanent, server.Name,
            $"The tool server '{server.Name}' refused this caller ({(int)refused.StatusCode!}): check its headers."),
        HttpRequestException { StatusCode: { } status } => Unavailable(server, $"answered {(int)status}: is its address right?"),
        HttpRequestException connection => Unavailable(server, $"could not be reached ({connection.HttpRequestError}): is its address right, is it up?"),
        McpException or System.Text.Json.JsonException => Unavailable(server, "answered what is not the Model Context Protocol: is its address right?"),
        _ => Unavailable(server, server.Url is null ? $"could not be talked to ({exception.GetType().Name}): does its command start it?" : $"broke the connection ({exception.GetType().Name})"),
    };

    private static Failure Unavailable(ToolServerDefinition server, string what) => Of("tool-unavailable", FailureKind.Unavailable, server.Name, $"The tool server '{server.Name}' {what}");

    private static Failure Of(string code, FailureKind kind, string place, string message) => new()
    {
        Code = code,
        Kind = kind,
        Message = message,
        Fingerprint = Failure.Print(code, place),
    };
}
