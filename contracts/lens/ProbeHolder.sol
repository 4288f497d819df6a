// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title An address that holds tokens as an owner does: it receives, approves, transfers
contract ProbeHolder {
    address private immutable _MAKER = msg.sender;

    /// @dev The token called refused, or answered false
    error Refused();

    /// @notice Calls a token in the holder's name
    function act(address token, bytes calldata data) external {
        require(msg.sender == _MAKER, Refused());
        (bool isDone, bytes memory answer) = token.call(data);
        if (!isDone) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        require(answer.length < 32 || abi.decode(answer, (uint256)) != 0, Refused());
    }
}
