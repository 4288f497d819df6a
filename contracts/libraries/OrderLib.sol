// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Order, WinCert} from "../interfaces/ISettlement.sol";

/// @title OrderLib
/// @notice EIP-712 struct hashes of what owners and auctioneers sign. `solver/intents/eip712.ts` is its twin; one test
/// holds them equal.
library OrderLib {
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "Order(address owner,address sellToken,address buyToken,address receiver,address auctioneer,uint128 amount,uint128 limitStart,uint128 limitEnd,uint40 decayStart,uint40 decayEnd,uint40 validTo,uint64 nonce,uint16 flags)"
    );
    bytes32 internal constant WIN_CERT_TYPEHASH = keccak256(
        "WinCert(bytes32 order,uint8 part,address solver,uint128 sellAmount,uint128 minOut,uint40 lastBlock)"
    );

    /// @dev What Permit2 appends to its own type to hash an order as the witness.
    string internal constant PERMIT2_WITNESS =
        "Order witness)Order(address owner,address sellToken,address buyToken,address receiver,address auctioneer,uint128 amount,uint128 limitStart,uint128 limitEnd,uint40 decayStart,uint40 decayEnd,uint40 validTo,uint64 nonce,uint16 flags)TokenPermissions(address token,uint256 amount)";

    /// @dev Name `isoprice`, version `1`.
    function domainSeparator() internal view returns (bytes32) {
        return
            keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("isoprice"), keccak256("1"), block.chainid, address(this)));
    }

    /// @dev Every member is a value type, so the struct's own ABI encoding is already the EIP-712 one.
    function hash(Order memory order) internal pure returns (bytes32) {
        return keccak256(abi.encode(ORDER_TYPEHASH, order));
    }

    /// @dev The contract fills in the order, the caller and the amount itself, so a certificate cannot be shown by
    /// another solver, for another order, or for another size. Part 0 is the whole.
    function hash(WinCert memory cert, bytes32 order, uint128 amount) internal view returns (bytes32) {
        return keccak256(abi.encode(WIN_CERT_TYPEHASH, order, 0, msg.sender, amount, cert.minOut, cert.lastBlock));
    }

    /// @dev What is signed: a struct hash under a domain.
    function digest(bytes32 separator, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}
