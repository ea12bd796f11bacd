using System.CommandLine;

namespace Headway.Server.Commands;

/// <summary>A command, with the example that its help shows.</summary>
internal class Verb(string name, string description, string example) : Command(name, description)
{
    public string Example => example;
}
