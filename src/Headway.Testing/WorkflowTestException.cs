namespace Headway.Testing;

/// <summary>A test asks for what is not there, or a workflow is not as the test says. The message tells what was expected and what was found.</summary>
public sealed class WorkflowTestException : Exception
{
    internal WorkflowTestException(string message) : base(message)
    {
    }

    internal WorkflowTestException(string message, Exception inner) : base(message, inner)
    {
    }
}
